-- The start of the quarter of an hour, or of the day, that the time of an id lies in: as the sealer counts it. An id
-- can name a later moment than can be written.
CREATE FUNCTION indelible_quarter(id uuid, length_ms bigint) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT
AS $$
  SELECT to_timestamp(
    least(('x0000' || left(replace(id::text, '-', ''), 12))::bit(64)::bigint, 253402299900000) / length_ms * length_ms / 1000.0)
$$;
REVOKE ALL ON FUNCTION indelible_quarter FROM PUBLIC;
