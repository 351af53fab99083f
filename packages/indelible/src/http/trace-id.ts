/** A trace and a parent that are not all zero; what follows the flags of a later version is its own. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?=-|$)/;
const LENGTH = 55;

/** The id of the trace that a W3C `traceparent` names; undefined when any part of the header is not as it must be. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  const found = traceparent === undefined ? null : TRACEPARENT.exec(traceparent);
  if (found === null) return undefined;
  const [, version, traceId] = found;
  return version === '00' && traceparent?.length !== LENGTH ? undefined : traceId;
}
