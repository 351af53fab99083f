import { writeTable } from './coverage-table.js';

// Writes docs/capture.md from what the last run of the tests in this folder measured.
writeTable();
