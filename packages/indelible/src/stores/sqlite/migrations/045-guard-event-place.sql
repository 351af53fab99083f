-- Looked at afterwards: before, a row that is given no number has -1, whatever it is going to be. A row with that
-- number would be in the way of every later one.
CREATE TRIGGER indelible_event_guard_place AFTER INSERT ON indelible_event
WHEN NEW.seq < 1 OR NEW.seq <= (SELECT place FROM indelible_head) BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: events are added behind the last one.');
END;
