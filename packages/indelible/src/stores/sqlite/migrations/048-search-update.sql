CREATE TRIGGER indelible_event_search_update AFTER UPDATE ON indelible_event BEGIN
  INSERT INTO indelible_event_search (indelible_event_search, rowid, actor_text, search_text)
  VALUES ('delete', OLD.seq, OLD.actor_text, OLD.search_text);
  INSERT INTO indelible_event_search (rowid, actor_text, search_text)
  VALUES (NEW.seq, NEW.actor_text, NEW.search_text);
END;
