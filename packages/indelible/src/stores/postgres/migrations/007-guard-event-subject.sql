CREATE TRIGGER indelible_guard BEFORE UPDATE OR DELETE ON indelible_event_subject
  FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_event_subject');
ALTER TABLE indelible_event_subject ENABLE ALWAYS TRIGGER indelible_guard;
