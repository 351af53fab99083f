import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { findPostgres } from '../test/servers/find.js';
import type { Bed } from './bed.js';
import { benchIngest } from './ingest.js';
import { postgresBed } from './postgres-bed.js';
import { benchReading } from './reading.js';
import { sqliteBed } from './sqlite-bed.js';

const USAGE = `npm run bench -- [--ingest N] [--events N] [--rounds N] [--store sqlite|postgres] [--label NAME]
  --ingest N   events of one round of ingest (100,000); 0 leaves it out
  --events N   events of the trail that is read (1,000,000; 10,000,000 takes an hour and 40 GB); 0 leaves it out
  --rounds N   rounds of ingest (3)
  --store S    one store only
  --label NAME name of the result in bench/results (the day)`;

const { values } = parseArgs({
  options: {
    ingest: { type: 'string', default: '100000' },
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    store: { type: 'string' },
    label: { type: 'string', default: new Date().toISOString().slice(0, 10) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else await run();

async function run(): Promise<void> {
  const found = await findPostgres();
  try {
    const postgres = found.servers
      .slice(0, 1)
      .map(({ name, url }) => postgresBed({ name, url, monthsBack: 13 }));
    const beds = [sqliteBed(), ...postgres].filter(
      (bed) => !values.store || bed.name.toLowerCase().startsWith(values.store),
    );
    for (const bed of beds) write(bed, await measure(bed));
  } finally {
    await Promise.all(found.own.map((server) => server.close()));
  }
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

function write(bed: Bed, result: object): void {
  const folder = fileURLToPath(new URL('./results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${values.label}-${bed.name.split(' ')[0]?.toLowerCase()}.json`;
  const machine = {
    node: process.version,
    system: `${os.type()} ${os.release()}`,
    processor: os.cpus()[0]?.model.trim(),
    cores: os.cpus().length,
    memoryGiB: Math.round(os.totalmem() / 1024 ** 3),
  };
  writeFileSync(
    file,
    `${JSON.stringify({ database: bed.name, measuredAt: new Date().toISOString(), machine, ...result }, null, 2)}\n`,
  );
  console.log(`written to ${file}`);
}
