-- What may pass: the end of a removal, once; and what indelible_remove does while it has marked its removal. Of an
-- event that is erased every column but those emptied must be the same, also columns that are still to come.
-- Whoever vouches for what is gone stays (KEPT_ACTIONS).
CREATE OR REPLACE FUNCTION indelible_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
  removal text;
BEGIN
  IF TG_LEVEL = 'ROW' AND TG_ARGV[0] IN ('indelible_event', 'indelible_event_subject') THEN
    SELECT kind INTO removal FROM indelible_deletion WHERE xid = pg_current_xact_id_if_assigned() AND done_at IS NULL;
    IF TG_OP = 'DELETE' AND removal = 'purge' AND TG_ARGV[0] = 'indelible_event_subject' THEN
      RETURN OLD;
    END IF;
    IF removal IS NOT NULL AND TG_ARGV[0] = 'indelible_event' THEN
      IF OLD.action NOT IN ('RETENTION_PURGE', 'SUBJECT_ERASED', 'KEY_ROTATED', 'HOLD_PLACED', 'HOLD_RELEASED', 'POLICY_CHANGE') THEN
        IF TG_OP = 'DELETE' AND removal = 'purge' THEN
          RETURN OLD;
        END IF;
        IF TG_OP = 'UPDATE' AND removal = 'erase' THEN
          OLD.payload := NULL;
          OLD.salt := NULL;
          OLD.role := NULL;
          OLD.ip := NULL;
          OLD.actor_text := NULL;
          OLD.search_text := NULL;
          IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
          END IF;
        END IF;
      END IF;
    END IF;
  ELSIF TG_OP = 'UPDATE' AND TG_ARGV[0] = 'indelible_deletion' THEN
    IF OLD.done_at IS NULL AND (NEW.xid IS NULL OR NEW.xid = pg_current_xact_id()) THEN
      OLD.xid := NEW.xid;
      OLD.done_at := NEW.done_at;
      IF NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
      END IF;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only: % is refused. Events leave only through retention (audit.retention.purge()) or erasure (audit.eraseSubject()), which leave proof behind.', TG_ARGV[0], TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$$;
