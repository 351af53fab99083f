CREATE TRIGGER indelible_head_guard_replace BEFORE INSERT ON indelible_head
WHEN EXISTS (SELECT 1 FROM indelible_head) BEGIN
  SELECT RAISE(ABORT, 'indelible_head only ever moves on: it is already there and is never replaced.');
END;
