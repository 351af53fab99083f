CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON indelible_deletion
  FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_deletion');
ALTER TABLE indelible_deletion ENABLE ALWAYS TRIGGER indelible_guard_truncate;
