-- Lets nothing come back that a purge removed.
DROP TRIGGER indelible_event_guard_replace;

CREATE TRIGGER indelible_event_guard_replace BEFORE INSERT ON indelible_event
WHEN EXISTS (SELECT 1 FROM indelible_event WHERE id = NEW.id OR seq = NEW.seq)
  OR EXISTS (SELECT 1 FROM indelible_purged WHERE event_id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: an event with this id was purged and never comes back.')
  WHERE EXISTS (SELECT 1 FROM indelible_purged WHERE event_id = NEW.id);
  SELECT RAISE(ABORT, 'indelible_event is append-only: an event with this id is already there and is never replaced.');
END;
