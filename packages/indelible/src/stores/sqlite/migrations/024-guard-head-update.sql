CREATE TRIGGER indelible_head_guard_update BEFORE UPDATE ON indelible_head
WHEN NEW.only <> 1 OR NEW.size < OLD.size OR NEW.place < OLD.place BEGIN
  SELECT RAISE(ABORT, 'indelible_head only ever moves on: the log never becomes shorter.');
END;
