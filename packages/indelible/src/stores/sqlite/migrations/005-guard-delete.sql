CREATE TRIGGER indelible_event_guard_delete BEFORE DELETE ON indelible_event BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: DELETE is refused. Events are removed only by retention and erasure.');
END;
