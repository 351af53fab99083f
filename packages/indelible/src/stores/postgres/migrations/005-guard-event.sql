-- ALWAYS: fires for a superuser in session_replication_role = replica too. Every partition gets a copy.
CREATE TRIGGER indelible_guard BEFORE UPDATE OR DELETE ON indelible_event
  FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_event');
ALTER TABLE indelible_event ENABLE ALWAYS TRIGGER indelible_guard;
