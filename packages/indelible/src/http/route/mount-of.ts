/**
 * Where a router is mounted its patterns do not say: the leading segments of a path that are more than a pattern has.
 * None where a pattern may stand for any number of them.
 */
export function mountOf(pattern: string, path: string): string {
  if (/[*{]/.test(pattern)) return '';
  const segments = segmentsOf(path);
  const more = segments.length - segmentsOf(pattern).length;
  return more > 0 ? `/${segments.slice(0, more).join('/')}` : '';
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
