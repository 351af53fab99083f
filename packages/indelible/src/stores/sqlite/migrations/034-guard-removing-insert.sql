CREATE TRIGGER indelible_removing_guard_insert BEFORE INSERT ON indelible_removing
WHEN indelible_may_remove() IS NOT 1 OR NOT EXISTS (
  SELECT 1 FROM indelible_deletion WHERE event_id = NEW.event_id AND kind = NEW.kind AND done_at IS NULL
) BEGIN
  SELECT RAISE(ABORT, 'indelible_removing is for a removal that was decided and is not over.');
END;
