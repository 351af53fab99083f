-- The end of a removal, which is one also when it is said again; false when none was decided.
CREATE FUNCTION indelible_finish(removal uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
  UPDATE indelible_deletion SET done_at = clock_timestamp(), xid = NULL WHERE event_id = removal AND done_at IS NULL;
  RETURN EXISTS (SELECT FROM indelible_deletion WHERE event_id = removal);
END
$$;
REVOKE ALL ON FUNCTION indelible_finish FROM PUBLIC;
