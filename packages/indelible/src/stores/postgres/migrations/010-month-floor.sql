-- The least UUIDv7 of a month (UTC).
CREATE FUNCTION indelible_month_floor(month date) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT
AS $$
  SELECT (lpad(to_hex((extract(epoch FROM month) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;
