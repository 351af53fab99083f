CREATE TRIGGER indelible_checkpoint_guard_place AFTER INSERT ON indelible_checkpoint
WHEN NEW.place < 1 BEGIN
  SELECT RAISE(ABORT, 'indelible_checkpoint is append-only: checkpoints are added behind the last one.');
END;
