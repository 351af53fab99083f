CREATE TRIGGER indelible_removing_guard_update BEFORE UPDATE ON indelible_removing BEGIN
  SELECT RAISE(ABORT, 'indelible_removing is for a removal that was decided: UPDATE is refused.');
END;
