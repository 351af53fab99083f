CREATE TRIGGER indelible_deletion_guard_update BEFORE UPDATE ON indelible_deletion
WHEN OLD.done_at IS NOT NULL OR NEW.done_at IS NULL
  OR (NEW.place, NEW.event_id, NEW.kind, NEW.manifest, NEW.note, NEW.decided_at)
    IS NOT (OLD.place, OLD.event_id, OLD.kind, OLD.manifest, OLD.note, OLD.decided_at) BEGIN
  SELECT RAISE(ABORT, 'indelible_deletion is append-only: UPDATE is refused. A removal only ever ends, and ends once.');
END;
