/**
 * Answers the bench about the sides of one peer: each is an object of functions, `singles(first, count, visits)`,
 * `bulk(status)`, `rolledBack(visits)` and `close()`. Only numbers go back.
 */
export function serve(about, sides) {
  process.on('message', (request) => void answer(sides, request));
  const calls = Object.entries(sides).map(([name, side]) => [name, Object.keys(side)]);
  process.send({ about, sides: Object.fromEntries(calls) });
}

async function answer(sides, { id, side, call, args }) {
  try {
    await sides[side][call](...args);
    process.send({ id });
  } catch (error) {
    process.send({ id, error: lastLines(error) });
  }
}

/** One update after another, of `count` rows. */
export function oneByOne(update) {
  return async (first, count, visits) => {
    for (let id = first; id < first + count; id += 1) await update(id, visits);
  };
}

/** What the sides give up an open transaction with. */
export class GivenUp extends Error {}

/** Runs `work`, which must end with `GivenUp`. */
export async function givenUp(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof GivenUp) return;
    throw error;
  }
  throw new Error('The transaction was not rolled back.');
}

function lastLines(error) {
  const lines = String(error?.message ?? error)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.slice(-2).join(' ').slice(0, 300);
}
