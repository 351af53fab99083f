-- Search is quick where the extension pg_trgm is to be had, and reads the rows where it is not. Asked again at
-- every migration, so that an extension installed later is taken up.
CREATE FUNCTION indelible_index_text() RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
  operators text;
BEGIN
  IF to_regclass('indelible_event_text') IS NOT NULL THEN
    RETURN true;
  END IF;
  BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
  EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'pg_trgm is not available: %', SQLERRM;
  END;
  SELECT nspname INTO operators
    FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm';
  IF operators IS NULL THEN
    RETURN false;
  END IF;
  EXECUTE format(
    'CREATE INDEX indelible_event_text ON indelible_event
       USING gin (actor_text %1$I.gin_trgm_ops, search_text %1$I.gin_trgm_ops)', operators);
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION indelible_index_text FROM PUBLIC;
