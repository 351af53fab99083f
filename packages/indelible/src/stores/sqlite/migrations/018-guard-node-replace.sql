CREATE TRIGGER indelible_node_guard_replace BEFORE INSERT ON indelible_node
WHEN EXISTS (SELECT 1 FROM indelible_node WHERE level = NEW.level AND node_index = NEW.node_index) BEGIN
  SELECT RAISE(ABORT, 'indelible_node is append-only: this node is already there and is never replaced.');
END;
