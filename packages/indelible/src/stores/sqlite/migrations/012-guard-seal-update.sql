CREATE TRIGGER indelible_seal_guard_update BEFORE UPDATE ON indelible_seal BEGIN
  SELECT RAISE(ABORT, 'indelible_seal is append-only: UPDATE is refused.');
END;
