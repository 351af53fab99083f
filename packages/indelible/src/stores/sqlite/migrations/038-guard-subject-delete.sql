-- Lets pass the rows of an event that a purge has removed.
DROP TRIGGER indelible_event_subject_guard_delete;

CREATE TRIGGER indelible_event_subject_guard_delete BEFORE DELETE ON indelible_event_subject
WHEN (SELECT kind FROM indelible_removing) IS NOT 'purge'
  OR EXISTS (SELECT 1 FROM indelible_event WHERE id = OLD.event_id) BEGIN
  SELECT RAISE(ABORT, 'indelible_event_subject is append-only: DELETE is refused.');
END;
