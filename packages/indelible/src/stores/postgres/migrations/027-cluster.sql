-- Which database this is. An xid means something in its own cluster only: after a restore into another the sealer
-- must not go by those it noted. Not every host lets a role read the identifier; the database's own number is left then.
CREATE FUNCTION indelible_cluster() RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
  own text := (SELECT oid::text FROM pg_database WHERE datname = current_database());
BEGIN
  RETURN (SELECT system_identifier FROM pg_control_system()) || '/' || own;
EXCEPTION WHEN insufficient_privilege THEN
  RETURN '/' || own;
END
$$;
REVOKE ALL ON FUNCTION indelible_cluster FROM PUBLIC;
