CREATE FUNCTION indelible_guard() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused. Events leave only through retention (audit.retention.purge()) or erasure (audit.eraseSubject()), which leave proof behind.', TG_ARGV[0], TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$$;
