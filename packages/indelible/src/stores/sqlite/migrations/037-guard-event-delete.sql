-- Lets pass what a purge removes.
DROP TRIGGER indelible_event_guard_delete;

CREATE TRIGGER indelible_event_guard_delete BEFORE DELETE ON indelible_event
WHEN (
  (SELECT kind FROM indelible_removing) IS 'purge'
  AND OLD.seq <= (SELECT place FROM indelible_head)
  AND OLD.action NOT IN ('RETENTION_PURGE', 'SUBJECT_ERASED', 'KEY_ROTATED', 'HOLD_PLACED', 'HOLD_RELEASED', 'POLICY_CHANGE')
) IS NOT TRUE BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: DELETE is refused. Events are removed only by retention and erasure, once they are sealed, and never those that vouch for others.');
END;
