CREATE TRIGGER indelible_guard BEFORE UPDATE OR DELETE ON indelible_seal
  FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_seal');
ALTER TABLE indelible_seal ENABLE ALWAYS TRIGGER indelible_guard;
