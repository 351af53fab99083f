-- TRUNCATE of a partition passes the trigger of its parent.
CREATE FUNCTION indelible_guard_partition(partition text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
  EXECUTE format(
    'CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON %I
       FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard(%L)', partition, 'indelible_event');
  EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER indelible_guard_truncate', partition);
END
$$;
REVOKE ALL ON FUNCTION indelible_guard_partition FROM PUBLIC;
