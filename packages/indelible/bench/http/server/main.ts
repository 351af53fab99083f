// One application in a process of its own. Started by `RunningServer`, which asks it what the messages below name.
import type { Framework, Variant } from '../variants.js';
import { Patients } from './clinic.js';
import { openExpress } from './express.js';
import { openFastify } from './fastify.js';
import { openHono } from './hono.js';
import { type Mark, markNow } from './mark.js';
import { type Profiled, Profiler } from './profiler.js';
import { openRecording, type Recording } from './recording.js';

export interface Application {
  readonly patients: Patients;
  readonly recording: Recording | undefined;
}

/** Answers on which port of the loopback it listens. */
export type OpenApplication = (application: Application) => Promise<number>;

/** What a server may be asked for, and what it answers. */
export interface Answers {
  readonly mark: Mark;
  /** When everything recorded is in the store. */
  readonly flush: null;
  readonly startProfile: null;
  readonly stopProfile: Profiled;
}

const OPEN: Readonly<Record<Framework, OpenApplication>> = {
  express: openExpress,
  fastify: openFastify,
  hono: openHono,
};

const [framework, variant, folder] = process.argv.slice(2) as [Framework, Variant, string];
const patients = new Patients(`${folder}/clinic.db`);
const recording = openRecording(variant, folder, patients);
await recording?.audit.ready();
const port = await OPEN[framework]({ patients, recording });
const profiler = new Profiler();

const ANSWER: { readonly [K in keyof Answers]: () => Answers[K] | Promise<Answers[K]> } = {
  mark: () => markNow(recording),
  flush: async () => {
    await recording?.audit.flush();
    return null;
  },
  startProfile: async () => {
    await profiler.start();
    return null;
  },
  stopProfile: () => profiler.stop(),
};

process.on('message', (ask: keyof Answers) => {
  void Promise.resolve(ANSWER[ask]()).then((answer) => process.send?.({ answer }));
});
process.on('disconnect', () => process.exit());
process.send?.({ port });
