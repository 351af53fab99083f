CREATE TRIGGER indelible_purged_guard_update BEFORE UPDATE ON indelible_purged BEGIN
  SELECT RAISE(ABORT, 'indelible_purged is append-only: UPDATE is refused.');
END;
