CREATE TRIGGER indelible_node_guard_delete BEFORE DELETE ON indelible_node BEGIN
  SELECT RAISE(ABORT, 'indelible_node is append-only: DELETE is refused.');
END;
