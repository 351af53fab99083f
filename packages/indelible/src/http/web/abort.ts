/** Calls back when whoever asked is gone; what it returns ends the waiting. */
export function onAbort({ signal }: Request, callback: () => void): () => void {
  signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
}
