import { PrismaPg, setBemiContext, withBemiExtension } from '@bemi-db/prisma';

import { prismaSide } from '../prisma-sides.mjs';
import { serve } from '../serve.mjs';
import { PrismaClient } from './node_modules/.bench-client/index.js';

const [url] = process.argv.slice(2);
const open = () => new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
const side = prismaSide(withBemiExtension(open()));
const inContext =
  (call) =>
  async (...args) => {
    setBemiContext({ userId: 'u1', ip: '192.0.2.1' });
    return call(...args);
  };

serve(
  {
    notes: [
      'It hands the context to a service that reads the write-ahead log; what is measured is that, and nothing is recorded here.',
    ],
  },
  {
    plain: prismaSide(open()),
    audited: Object.fromEntries(Object.entries(side).map(([name, call]) => [name, inContext(call)])),
  },
);
