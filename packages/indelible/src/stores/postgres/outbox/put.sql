-- Writes entries beside the caller's change. A broken outbox is answered with its message instead of an
-- error, which would have made the caller's whole transaction unusable.
CREATE OR REPLACE FUNCTION indelible_put(ids uuid[], entries text[]) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO indelible_outbox (id, entry) SELECT * FROM unnest(ids, entries);
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  RETURN SQLERRM;
END
$$;
