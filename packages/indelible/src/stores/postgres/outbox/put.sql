-- Writes changes, or whole entries, beside the caller's own change. A broken outbox is answered with its
-- message and a warning instead of an error, which would have made the caller's whole transaction unusable.
CREATE OR REPLACE FUNCTION :schema.indelible_put(context text, bodies text[]) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  least_shown text := current_setting('client_min_messages');
BEGIN
  INSERT INTO :schema.indelible_outbox (context, bodies) VALUES ($1, $2);
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  -- The engine waits for this warning, also where the application has asked for none.
  PERFORM set_config('client_min_messages', 'warning', true);
  RAISE WARNING USING ERRCODE = 'IND01', MESSAGE = SQLERRM;
  PERFORM set_config('client_min_messages', least_shown, true);
  RETURN SQLERRM;
END
$$;
