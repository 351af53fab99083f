CREATE TRIGGER indelible_head_guard_delete BEFORE DELETE ON indelible_head BEGIN
  SELECT RAISE(ABORT, 'indelible_head only ever moves on: DELETE is refused.');
END;
