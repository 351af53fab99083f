import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
      'examples/*/{src,test}/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    globalSetup: ['packages/indelible/test/servers/setup.ts'],
    testTimeout: process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 300_000 : 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    coverage: { provider: 'v8', include: ['packages/*/src/**'], reportsDirectory: 'coverage' },
  },
});
