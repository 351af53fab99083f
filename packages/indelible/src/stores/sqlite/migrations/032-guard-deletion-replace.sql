CREATE TRIGGER indelible_deletion_guard_replace BEFORE INSERT ON indelible_deletion
WHEN NEW.done_at IS NOT NULL
  OR EXISTS (SELECT 1 FROM indelible_deletion WHERE event_id = NEW.event_id OR place = NEW.place) BEGIN
  SELECT RAISE(ABORT, 'indelible_deletion is append-only: this removal is already there and is never replaced.');
END;
