/** The least and the greatest of some ids, of which there is at least one. */
export function boundsOf(ids: readonly string[]): readonly [least: string, greatest: string] {
  let [least = '', greatest = ''] = [ids[0], ids[0]];
  for (const id of ids) {
    if (id < least) least = id;
    if (id > greatest) greatest = id;
  }
  return [least, greatest];
}
