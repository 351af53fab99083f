CREATE TRIGGER indelible_seal_guard_delete BEFORE DELETE ON indelible_seal BEGIN
  SELECT RAISE(ABORT, 'indelible_seal is append-only: DELETE is refused.');
END;
