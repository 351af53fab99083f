CREATE TRIGGER indelible_guard BEFORE UPDATE OR DELETE ON indelible_deletion
  FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_deletion');
ALTER TABLE indelible_deletion ENABLE ALWAYS TRIGGER indelible_guard;
