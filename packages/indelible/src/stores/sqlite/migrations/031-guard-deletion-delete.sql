CREATE TRIGGER indelible_deletion_guard_delete BEFORE DELETE ON indelible_deletion BEGIN
  SELECT RAISE(ABORT, 'indelible_deletion is append-only: DELETE is refused.');
END;
