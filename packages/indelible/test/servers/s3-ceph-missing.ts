import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The folder that Debian's packages were unpacked in, where they are not installed. */
export const CEPH_ROOT = 'INDELIBLE_TEST_CEPH_ROOT';
const PROGRAMS = ['ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin'];

/** Why Ceph cannot be tested on this machine; undefined when it can. */
export function cephIsMissing(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = pathOf(environment).split(delimiter);
  const missing = PROGRAMS.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  return missing.length === 0
    ? undefined
    : `${missing.join(', ')} not found (Debian: ceph-mon ceph-osd radosgw)`;
}

export function pathOf({ PATH = '', [CEPH_ROOT]: root }: NodeJS.ProcessEnv): string {
  return root === undefined ? PATH : [join(root, 'usr/bin'), PATH].join(delimiter);
}
