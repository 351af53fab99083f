CREATE TRIGGER indelible_node_guard_update BEFORE UPDATE ON indelible_node BEGIN
  SELECT RAISE(ABORT, 'indelible_node is append-only: UPDATE is refused.');
END;
