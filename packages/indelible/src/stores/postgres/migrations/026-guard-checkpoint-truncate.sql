CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON indelible_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_checkpoint');
ALTER TABLE indelible_checkpoint ENABLE ALWAYS TRIGGER indelible_guard_truncate;
