CREATE TRIGGER indelible_checkpoint_guard_replace BEFORE INSERT ON indelible_checkpoint
WHEN EXISTS (SELECT 1 FROM indelible_checkpoint WHERE place = NEW.place) BEGIN
  SELECT RAISE(ABORT, 'indelible_checkpoint is append-only: this checkpoint is already there and is never replaced.');
END;
