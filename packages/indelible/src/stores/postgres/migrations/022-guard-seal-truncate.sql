CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON indelible_seal
  FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_seal');
ALTER TABLE indelible_seal ENABLE ALWAYS TRIGGER indelible_guard_truncate;
