import autocannon from 'autocannon';

import { ASKS, HEADERS } from './asks.js';

/** Autocannon makes every request anew for every connection before it starts. */
const FEW = 50;

/**
 * Requests answered in a second by a server that always has as many before it as there are connections. Fails when an
 * answer is not as it should be.
 */
export async function saturate(port: number, seconds: number, connections: number): Promise<number> {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    headers: { ...HEADERS },
    requests: ASKS.slice(0, FEW).map(({ path }) => ({ method: 'GET', path })),
    // Else a second is the least that it counts by.
    sampleInt: 100,
  });
  if (result.errors + result.non2xx + result.timeouts > 0)
    throw new Error(`The server failed: ${result.errors} errors, ${result.non2xx} answers other than 2xx.`);
  return result['2xx'] / result.duration;
}
