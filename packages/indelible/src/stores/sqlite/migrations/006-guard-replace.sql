-- INSERT OR REPLACE removes the old row without firing a delete trigger.
CREATE TRIGGER indelible_event_guard_replace BEFORE INSERT ON indelible_event
WHEN EXISTS (SELECT 1 FROM indelible_event WHERE id = NEW.id OR seq = NEW.seq) BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: an event with this id is already there and is never replaced.');
END;
