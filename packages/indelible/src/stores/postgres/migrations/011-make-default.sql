-- Takes every event whose id lies in no month that was made, so that none is ever refused.
CREATE FUNCTION indelible_make_default() RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
  CREATE TABLE indelible_event_default PARTITION OF indelible_event DEFAULT;
  PERFORM indelible_guard_partition('indelible_event_default');
END
$$;
REVOKE ALL ON FUNCTION indelible_make_default FROM PUBLIC;

SELECT indelible_make_default();
