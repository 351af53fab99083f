CREATE TRIGGER indelible_guard BEFORE UPDATE OR DELETE ON indelible_checkpoint
  FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_checkpoint');
ALTER TABLE indelible_checkpoint ENABLE ALWAYS TRIGGER indelible_guard;
