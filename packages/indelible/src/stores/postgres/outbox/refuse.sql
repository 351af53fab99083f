-- Tries refused rows again later, at growing intervals, and sets them aside after $3 attempts; answers those.
WITH refused AS (
  UPDATE indelible_outbox o
  SET attempts = attempts + 1,
      last_error = r.reason,
      retry_at = CASE WHEN attempts + 1 >= $3 THEN 'infinity' ELSE now() + power(2, attempts) * interval '1 second' END
  FROM unnest($1::bigint[], $2::text[]) AS r(seq, reason)
  WHERE o.seq = r.seq
  RETURNING o.seq, o.attempts
)
SELECT seq FROM refused WHERE attempts >= $3
