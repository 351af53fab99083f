CREATE TRIGGER indelible_purged_guard_delete BEFORE DELETE ON indelible_purged BEGIN
  SELECT RAISE(ABORT, 'indelible_purged is append-only: DELETE is refused.');
END;
