import { auditLogExtension } from '@explita/prisma-audit-log';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';

import { prismaSide } from '../prisma-sides.mjs';
import { serve } from '../serve.mjs';
import { PrismaClient } from './node_modules/.bench-client/index.js';

const [url] = process.argv.slice(2);
const TABLE = `CREATE TABLE IF NOT EXISTS audit_logs (id text PRIMARY KEY, user_id text, record_id integer NOT NULL,
  action text NOT NULL, model text NOT NULL, old_data jsonb, new_data jsonb, changed_fields text[], ip_address text,
  user_agent text, metadata jsonb, created_at timestamp(3) NOT NULL DEFAULT now())`;

const pool = new pg.Pool({ connectionString: url });
await pool.query(TABLE);
await pool.end();

const open = () => new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
const getContext = () => ({ userId: 'u1', ipAddress: '192.0.2.1' });
const audited = open().$extends(auditLogExtension({ getContext }));

const notes = [
  'It reads all rows before and after, and compares each with each, so bulk grows with the square.',
];
serve({ auditTable: 'audit_logs', notes }, { plain: prismaSide(open()), audited: prismaSide(audited) });
