import { machine } from '../machine.js';
import { RunningApplication } from './application.js';
import { RunningClient } from './client.js';
import { figuresOf, type FrameworkFigures } from './figures.js';
import { verdicts } from './goals.js';
import { type HttpResult, writeResult } from './report.js';
import { measureRounds, type Sizes } from './rounds.js';
import { type Framework, FRAMEWORKS, VARIANTS } from './variants.js';

interface HttpBenchOptions {
  /** The name of the results in bench/results, before `-http`. */
  readonly label: string;
  readonly rounds: number;
  /** Only frameworks whose name begins so, in lower case: `fastify`. */
  readonly only?: string | undefined;
  /** How requests come at half saturation. */
  readonly arrivals: 'even' | 'random';
  readonly log?: ((line: string) => void) | undefined;
}

const METHOD = [
  'Each application is a process of its own on the loopback with a better-sqlite3 file (WAL, its default synchronous = NORMAL); all let one user in by a header. Four requests in five read one row of about 300 bytes by its key, the fifth a list of 20.',
  'The trail is a SQLite file of its own (synchronous = FULL) with the spool on disk, on the same disk. The package is the built one. The model names a subject, so that a list has twenty.',
  'At most: autocannon, as many requests at once as there are connections. Then a client asks all of them at half of what the one that records `soon` can do, in an open loop; the time of an answer counts from when its request was due. A variant that cannot do as much is measured at half of what it can, beside the plain one at the rate of the others.',
  'Processor time is that of the whole process, with the threads of the trail, until every event of the round is in the store; divided by the requests. The bench fails unless there was one event for each request, and every one was stored.',
  'Of the processor time that is added, the thread that writes the trail is SQLite: `npm run bench -- --store sqlite` tells what the same rows cost raw. The profile is of the thread that answers, as a sampling profiler sees it, and slower for being watched.',
  'Where the machine has few cores, at saturation the client, the threads of the trail and the one that answers stand in the way of each other.',
];

/** What recording costs the requests of an application, beside the application as it is. */
export async function runHttp(options: HttpBenchOptions): Promise<HttpResult> {
  const { log = console.log, only = '' } = options;
  const sizes: Sizes = {
    rounds: options.rounds,
    connections: 32,
    saturationSeconds: 1.5,
    pacedSeconds: 3,
    arrivals: options.arrivals,
  };
  const frameworks: FrameworkFigures[] = [];
  for (const framework of FRAMEWORKS.filter((name) => name.startsWith(only))) {
    const figures = await measure(framework, sizes);
    frameworks.push(figures);
    for (const line of summary(figures)) log(line);
  }
  const result = {
    measuredAt: new Date().toISOString(),
    machine: machine(),
    sizes,
    method: METHOD,
    frameworks,
    goals: frameworks.flatMap(verdicts),
  };
  for (const file of writeResult(result, options.label)) log(`written to ${file}`);
  return result;
}

async function measure(framework: Framework, sizes: Sizes): Promise<FrameworkFigures> {
  const open: { close(): Promise<void> }[] = [];
  const opened = <T extends { close(): Promise<void> }>(one: T): T => {
    open.push(one);
    return one;
  };
  try {
    const client = opened(await RunningClient.start());
    const applications: RunningApplication[] = [];
    for (const variant of VARIANTS)
      applications.push(opened(await RunningApplication.open(framework, variant)));
    return figuresOf(framework, await measureRounds({ applications, client, sizes }));
  } finally {
    await Promise.all(open.map((one) => one.close()));
  }
}

function summary({ framework, variants }: FrameworkFigures): string[] {
  return variants.map(({ variant, throughput, rate, latency, process, main, writer }) => {
    const { p50, p99 } = latency.all;
    const most = `${Math.round(throughput.value[0])}/s (${throughput.ratio[0].toFixed(2)})`;
    const median = `median ${p50.value[0]} ms (+${p50.added[0]})`;
    const processor = `processor ${Math.round(process.value[0])} us (+${process.added[0].toFixed(1)}, answering +${main?.added[0].toFixed(1) ?? '?'}, writing +${writer?.added[0].toFixed(1) ?? '?'})`;
    return `${framework} ${variant}: ${most}; at ${rate}/s ${median}, p99 ${p99.value[0]} ms (+${p99.added[0]}), ${processor}`;
  });
}
