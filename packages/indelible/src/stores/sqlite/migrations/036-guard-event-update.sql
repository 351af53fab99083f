-- Lets pass what empties an event in an erasure, and leaves its core as it is.
DROP TRIGGER indelible_event_guard_update;

CREATE TRIGGER indelible_event_guard_update BEFORE UPDATE ON indelible_event
WHEN (
  (SELECT kind FROM indelible_removing) IS 'erase'
  AND OLD.seq <= (SELECT place FROM indelible_head)
  AND OLD.action NOT IN ('RETENTION_PURGE', 'SUBJECT_ERASED', 'KEY_ROTATED', 'HOLD_PLACED', 'HOLD_RELEASED', 'POLICY_CHANGE')
  AND coalesce(NEW.payload, NEW.salt, NEW.role, NEW.ip, NEW.actor_text, NEW.search_text) IS NULL
  AND (NEW.seq, NEW.id, NEW.recorded_at, NEW.v, NEW.action, NEW.outcome, NEW.source, NEW.actor_type, NEW.actor_id,
    NEW.tenant_id, NEW.target_type, NEW.target_id, NEW.subject_id, NEW.process_id, NEW.process_n, NEW.count,
    NEW.payload_digest)
  IS (OLD.seq, OLD.id, OLD.recorded_at, OLD.v, OLD.action, OLD.outcome, OLD.source, OLD.actor_type, OLD.actor_id,
    OLD.tenant_id, OLD.target_type, OLD.target_id, OLD.subject_id, OLD.process_id, OLD.process_n, OLD.count,
    OLD.payload_digest)
) IS NOT TRUE BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: UPDATE is refused. Events are removed only by retention and erasure, once they are sealed, and never those that vouch for others.');
END;
