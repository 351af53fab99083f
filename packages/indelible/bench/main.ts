import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { findPostgres } from '../test/servers/find.js';
import type { Bed } from './bed.js';
import { runCapture } from './capture/main.js';
import { runHttp } from './http/main.js';
import { benchIngest } from './ingest.js';
import { machine } from './machine.js';
import { postgresBed } from './postgres-bed.js';
import { benchReading } from './reading.js';
import { benchSealing } from './sealing.js';
import { sqliteBed } from './sqlite-bed.js';
import { runVerify } from './verify/main.js';

const USAGE = `npm run bench -- [--ingest N] [--events N] [--rounds N] [--store sqlite|postgres] [--label NAME]
  --ingest N   events of one round of ingest (100,000); 0 leaves it out
  --events N   events of the trail that is read (1,000,000; 10,000,000 takes an hour and 40 GB); 0 leaves it out
  --rounds N   rounds of ingest (3)
  --store S    one store only
  --label NAME name of the result in bench/results (the day)

npm run bench -- capture [--only NAME] [--rounds N] [--store sqlite|postgresql] [--commits on|off] [--label NAME]
  what capture costs through each ORM, beside the ORM as it is and what else npm has
  --only NAME  one ORM or peer, by how its name begins: prisma, drizzle, @kysera
  --commits S  PostgreSQL's synchronous_commit (on); off shows the processor's work without the disk's

npm run bench -- sealing [--rounds N] [--store sqlite|postgres] [--label NAME]
  what the sealer costs those who write, beside the same trail without it: at most, and at half of that

npm run bench -- http [--only NAME] [--rounds N] [--arrivals even|random] [--label NAME]
  what recording costs a request of a small Express, Fastify and Hono application, beside the application as it is:
  requests a second at most; then, at half of what can be done while recording, the median, p99 and the processor's
  time; and where that time goes. Five minutes in all; the machine should do nothing else
  --only NAME  one framework, by how its name begins: express, fastify, hono
  --arrivals S requests evenly spaced (even), or as independent people come, so that some wait for others (random)

npm run bench -- verify [--events N] [--rounds N] [--store sqlite|postgresql] [--label NAME]
  verifying a sealed trail (1,000,000 events) beside merely reading the same rows, with the peak of the memory`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    commits: { type: 'string', default: 'on' },
    arrivals: { type: 'string', default: 'even' },
    ingest: { type: 'string', default: '100000' },
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    store: { type: 'string' },
    label: { type: 'string', default: new Date().toISOString().slice(0, 10) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else if (positionals[0] === 'capture') await measureCapture();
else if (positionals[0] === 'http') await measureHttp();
else if (positionals[0] === 'verify') await measureVerify();
else if (positionals[0] === 'sealing')
  await run('-sealing', (bed) => benchSealing(bed, Number(values.rounds), (line) => console.log(line)));
else await run('', measure);

async function run(suffix: string, bench: (bed: Bed) => Promise<object>): Promise<void> {
  const found = await findPostgres();
  try {
    const postgres = found.servers
      .slice(0, 1)
      .map(({ name, url }) => postgresBed({ name, url, monthsBack: 13 }));
    const beds = [sqliteBed(), ...postgres].filter(
      (bed) => !values.store || bed.name.toLowerCase().startsWith(values.store),
    );
    for (const bed of beds) write(bed, suffix, await bench(bed));
  } finally {
    await Promise.all(found.own.map((server) => server.close()));
  }
}

async function measureCapture(): Promise<void> {
  const { only, store, commits, label, rounds } = values;
  const found = await findPostgres();
  const [server] = found.servers;
  if (server === undefined) throw new Error('The bench needs a PostgreSQL.');
  try {
    await runCapture({
      url: server.url,
      label,
      rounds: Number(rounds),
      only,
      store: store === 'sqlite' || store === 'postgresql' ? store : undefined,
      commits: commits === 'off' ? 'off' : 'on',
    });
  } finally {
    await Promise.all(found.own.map((own) => own.close()));
  }
}

async function measureVerify(): Promise<void> {
  const { store, events, rounds, label } = values;
  const found = await findPostgres();
  try {
    const [server] = found.servers;
    await runVerify({ server, store, label, events: Number(events), rounds: Number(rounds) });
  } finally {
    await Promise.all(found.own.map((own) => own.close()));
  }
}

async function measureHttp(): Promise<void> {
  const { only, label, rounds, arrivals } = values;
  await runHttp({ label, rounds: Number(rounds), only, arrivals: arrivals === 'random' ? 'random' : 'even' });
}

async function measure(bed: Bed): Promise<object> {
  const [ingest, events] = [Number(values.ingest), Number(values.events)];
  console.log(bed.name);
  const result: Record<string, object> = {};
  if (ingest > 0) console.log((result['ingest'] = await benchIngest(bed, ingest, Number(values.rounds))));
  if (events > 0) result['reading'] = await benchReading(bed, events, (line) => console.log(line));
  await bed.close();
  return result;
}

function write(bed: Bed, suffix: string, result: object): void {
  const folder = fileURLToPath(new URL('./results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${values.label}-${bed.name.split(' ')[0]?.toLowerCase()}${suffix}.json`;
  writeFileSync(
    file,
    `${JSON.stringify({ database: bed.name, measuredAt: new Date().toISOString(), machine: machine(), ...result }, null, 2)}\n`,
  );
  console.log(`written to ${file}`);
}
