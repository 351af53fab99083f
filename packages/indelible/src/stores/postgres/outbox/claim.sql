-- The oldest rows that are due and that no other relay has, as many as hold about $1 bodies.
WITH due AS (
  SELECT seq, at, salt, transaction_id, context, bodies
  FROM indelible_outbox
  WHERE retry_at <= now()
  ORDER BY seq
  LIMIT $1
  FOR UPDATE SKIP LOCKED
), counted AS (
  SELECT *, sum(cardinality(bodies)) OVER (ORDER BY seq) - cardinality(bodies) AS before FROM due
)
SELECT seq, floor(extract(epoch FROM at) * 1000)::bigint AS at, salt, transaction_id, context, bodies
FROM counted WHERE before < $1 ORDER BY seq
