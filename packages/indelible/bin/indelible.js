#!/usr/bin/env node
// Stands in the sources too, so that npm links it before the first build.
await import('../dist/cli/main.js');
