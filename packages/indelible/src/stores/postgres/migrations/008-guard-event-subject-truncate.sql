CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON indelible_event_subject
  FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_event_subject');
ALTER TABLE indelible_event_subject ENABLE ALWAYS TRIGGER indelible_guard_truncate;
