import { messageOf } from '../event/errors.js';
import { openCheckpoint } from '../integrity/checkpoint.js';
import { VerifierKey } from '../integrity/note-key.js';
import { inTime } from '../trail/deadline.js';
import type { Settings } from '../trail/options.js';
import type { GivenCheckpoint } from '../verify/options.js';
import type { Terminal } from './terminal.js';

const ANCHOR_MS = 10_000;

/** The newest note that each anchor of the configuration holds and one of the keys signed; one that is away is told of. */
export async function anchoredNotes(
  { anchors }: Pick<Settings, 'anchors'>,
  keys: readonly string[],
  terminal: Terminal,
): Promise<GivenCheckpoint[]> {
  const known = keys.map((key) => VerifierKey.parse(key));
  const asked = anchors.map(async (anchor): Promise<GivenCheckpoint[]> => {
    const { name } = anchor;
    try {
      const newest = anchor.newest((note) => openCheckpoint(note, known) !== undefined);
      const note = await inTime(newest, ANCHOR_MS, `the anchor ${name}`, 'ANCHOR_UNAVAILABLE');
      if (note !== undefined) return [{ name, note }];
      terminal.note(`The anchor ${name} holds nothing that these keys signed.`);
    } catch (error) {
      terminal.note(`Nothing of the anchor ${name} is used: ${messageOf(error)}`);
    }
    return [];
  });
  return (await Promise.all(asked)).flat();
}
