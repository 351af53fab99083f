CREATE TRIGGER indelible_checkpoint_guard_update BEFORE UPDATE ON indelible_checkpoint BEGIN
  SELECT RAISE(ABORT, 'indelible_checkpoint is append-only: UPDATE is refused.');
END;
