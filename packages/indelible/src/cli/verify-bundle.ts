import type { BundleFinding } from '../bundle/findings.js';
import { type BundleReport, verifyBundle } from '../bundle/verify-bundle.js';
import type { Settings } from '../trail/options.js';
import { EXIT_CODES } from './exit-codes.js';
import type { Invocation } from './invocation.js';
import type { Terminal } from './terminal.js';
import { keysOf } from './verify-keys.js';

interface GivenOptions {
  readonly key?: readonly string[] | undefined;
  readonly json?: boolean | undefined;
}

/** What a terminal would obey, or show otherwise than it is written. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

/**
 * `indelible verify --bundle`: without a store, and without a configuration where keys are given. Ends with 1 when
 * something is wrong, and with 3 when no trusted key says anything.
 */
export async function verifyBundleAt(
  path: string,
  { key, json }: GivenOptions,
  invocation: Invocation,
): Promise<void> {
  const file = invocation.path(path);
  const keys = await trustedKeys(key, invocation);
  const report = await verifyBundle(file, { keys });
  if (json === true) invocation.terminal.json(report);
  else tell(report, invocation.terminal);
  if (report.findingCount > 0) invocation.exitCode = EXIT_CODES.failed.code;
  else if (!report.isProven) invocation.exitCode = EXIT_CODES.pending.code;
}

/** Those given and no others; else the configuration's; never those of the bundle. */
async function trustedKeys(given: readonly string[] | undefined, invocation: Invocation): Promise<string[]> {
  if (given !== undefined) return keysOf(NO_KEYS, given, invocation);
  const settings = await invocation.configIfAny();
  if (settings === undefined) return [];
  await settings.store.close();
  return keysOf(settings, undefined, invocation);
}

const NO_KEYS = { keys: { file: '', previous: [] }, seal: undefined } as Pick<
  Settings,
  'keys' | 'seal'
> as Settings;

function tell(report: BundleReport, terminal: Terminal): void {
  const line = (text: string): void => terminal.line(text.replaceAll(UNSEEN, '\uFFFD'));
  const { origin, size, events, findings, findingCount, isWhole } = report;
  const verdicts = Object.entries(events).filter(([, count]) => count > 0);
  line(`bundle of ${isWhole ? 'the whole log' : 'a part of the log'} ${origin} at ${size} leaves`);
  line(`events: ${verdicts.map(([verdict, count]) => `${count} ${verdict}`).join(', ') || 'none'}`);
  for (const finding of findings) line(findingLine(finding));
  if (findingCount > findings.length) line(`  and ${findingCount - findings.length} more`);
  line(completeness(report));
  terminal.line(terminal.style('bold', conclusion(report)));
}

function findingLine({ verdict, file, id, index, message }: BundleFinding): string {
  const where = [file, index === undefined ? undefined : `leaf ${index}`, id && `event ${id}`];
  return `  ${verdict} ${where.filter((part) => part !== undefined).join(', ')}: ${message}`;
}

function completeness({ isSigned, isWhole, keys }: BundleReport): string {
  if (keys === 'bundle') return 'nothing says that nothing was left out';
  if (isSigned) return 'signed: nothing was left out since it was made';
  return isWhole
    ? 'not signed, but every leaf of the log is accounted for'
    : 'not signed: what is here is proved, but not that nothing was left out';
}

function conclusion({ isProven, findingCount, keys, log }: BundleReport): string {
  if (findingCount > 0) return `${log}: ${findingCount} findings.`;
  if (isProven) return 'CONSISTENT: nothing is wrong.';
  return keys === 'bundle'
    ? 'NOT VERIFIED: consistent with the key that it brings itself, which proves nothing. Give --key with the verifier key, had from elsewhere.'
    : 'NOT VERIFIED.';
}
