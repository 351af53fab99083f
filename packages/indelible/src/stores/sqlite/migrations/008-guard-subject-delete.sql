CREATE TRIGGER indelible_event_subject_guard_delete BEFORE DELETE ON indelible_event_subject BEGIN
  SELECT RAISE(ABORT, 'indelible_event_subject is append-only: DELETE is refused.');
END;
