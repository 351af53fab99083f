CREATE TRIGGER indelible_event_subject_guard_update BEFORE UPDATE ON indelible_event_subject BEGIN
  SELECT RAISE(ABORT, 'indelible_event_subject is append-only: UPDATE is refused.');
END;
