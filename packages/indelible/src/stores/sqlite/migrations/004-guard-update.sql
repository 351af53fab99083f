CREATE TRIGGER indelible_event_guard_update BEFORE UPDATE ON indelible_event BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: UPDATE is refused. Events are removed only by retention and erasure.');
END;
