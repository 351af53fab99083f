// Checked by the compiler, never run: what a configuration lets through, and what it does not.
import { action } from './event/actions.js';
import { defineConfig } from './config.js';
import { createMemoryStore } from './memory.js';
import { createAudit } from './trail/create-audit.js';

const config = defineConfig({
  store: createMemoryStore(),
  actions: { APPROVED: action() },
  keys: { file: './indelible.key' },
});

const audit = createAudit(config);
await audit.record({ action: 'APPROVED' });
// @ts-expect-error The catalogue of the configuration is the application's: a misspelt action does not compile.
await audit.record({ action: 'APROVED' });

// @ts-expect-error A configuration has a store.
defineConfig({ keys: { file: './indelible.key' } });
// @ts-expect-error An option that nobody knows.
defineConfig({ store: createMemoryStore(), spol: false });
