-- Whom an event is about: for the sealer, which counts it for each of them.
CREATE INDEX indelible_event_subject_event ON indelible_event_subject (event_id);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('indelible_event_subject', 'indelible_event_subject_event', '1000000 10 1 1');
