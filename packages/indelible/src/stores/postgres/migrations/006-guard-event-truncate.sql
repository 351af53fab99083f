-- Statement triggers are not copied to partitions: indelible_guard_partition gives each its own.
CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON indelible_event
  FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_event');
ALTER TABLE indelible_event ENABLE ALWAYS TRIGGER indelible_guard_truncate;
