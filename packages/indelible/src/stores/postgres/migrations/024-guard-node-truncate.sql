CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON indelible_node
  FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_node');
ALTER TABLE indelible_node ENABLE ALWAYS TRIGGER indelible_guard_truncate;
