-- Whom an event is about: for the sealer, which counts it for each of them.
CREATE INDEX indelible_event_subject_event ON indelible_event_subject (event_id);
