-- Writes changes, or whole entries, beside the caller's own change. A broken outbox is answered with its
-- message and a warning instead of an error, which would have made the caller's whole transaction unusable.
CREATE OR REPLACE FUNCTION :schema.indelible_put(context text, bodies text[]) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO :schema.indelible_outbox (context, bodies) VALUES ($1, $2);
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  RAISE WARNING USING ERRCODE = 'IND01', MESSAGE = SQLERRM;
  RETURN SQLERRM;
END
$$;
