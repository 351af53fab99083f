import { fileAnchor } from '../src/anchors/file-anchor.js';

/** Run as a process of its own by a test: appends two hundred notes to a file. */
const [path = '', name = ''] = process.argv.slice(2);
const anchor = fileAnchor({ path });
for (let size = 1; size <= 200; size += 1)
  await anchor.put({ size, note: `example.com/${name}\n${size}\n${'A'.repeat(1_000)}\n\n` });
