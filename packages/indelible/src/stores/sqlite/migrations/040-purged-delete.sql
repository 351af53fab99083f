CREATE TRIGGER indelible_event_purged AFTER DELETE ON indelible_event BEGIN
  INSERT INTO indelible_purged (event_id) VALUES (OLD.id);
END;
