// Tells its parent when requests are due, on a thread of its own: timers are a millisecond coarse, and requests in
// swarms would wait for each other; and a loop that never sleeps would take a processor from what is measured.
import { parentPort, workerData } from 'node:worker_threads';

const { total, rate, arrivals } = workerData;
const mean = 1000 / rate;
const never = new Int32Array(new SharedArrayBuffer(4));
let state = 12_345;

/** Milliseconds from one request to the next; the random ones are the same in every run. */
function gap() {
  if (arrivals === 'even') return mean;
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return -Math.log((state + 1) / 2 ** 32) * mean;
}

let due = performance.now();
for (let told = 0; told < total;) {
  const now = performance.now();
  let count = 0;
  for (; due <= now && told + count < total; due += gap()) count += 1;
  if (count > 0) parentPort.postMessage(count);
  told += count;
  Atomics.wait(never, 0, 0, Math.max(due - performance.now(), 0));
}
