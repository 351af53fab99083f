CREATE TRIGGER indelible_checkpoint_guard_delete BEFORE DELETE ON indelible_checkpoint BEGIN
  SELECT RAISE(ABORT, 'indelible_checkpoint is append-only: DELETE is refused.');
END;
