CREATE TRIGGER indelible_guard BEFORE UPDATE OR DELETE ON indelible_node
  FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_node');
ALTER TABLE indelible_node ENABLE ALWAYS TRIGGER indelible_guard;
