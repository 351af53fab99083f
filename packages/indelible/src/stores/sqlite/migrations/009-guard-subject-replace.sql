CREATE TRIGGER indelible_event_subject_guard_replace BEFORE INSERT ON indelible_event_subject
WHEN EXISTS (
  SELECT 1 FROM indelible_event_subject
  WHERE tenant_id = NEW.tenant_id AND subject_id = NEW.subject_id AND event_id = NEW.event_id
) BEGIN
  SELECT RAISE(ABORT, 'indelible_event_subject is append-only: this row is already there and is never replaced.');
END;
