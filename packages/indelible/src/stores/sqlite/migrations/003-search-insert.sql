CREATE TRIGGER indelible_event_search_insert AFTER INSERT ON indelible_event BEGIN
  INSERT INTO indelible_event_search (rowid, actor_text, search_text)
  VALUES (NEW.seq, NEW.actor_text, NEW.search_text);
END;
