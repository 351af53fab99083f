-- Trigrams of names and labels. The text itself stays in the table, which a match is checked against.
CREATE VIRTUAL TABLE indelible_event_search USING fts5 (
  actor_text,
  search_text,
  content = 'indelible_event',
  content_rowid = 'seq',
  tokenize = 'trigram case_sensitive 1',
  detail = none
);

INSERT INTO indelible_event_search (indelible_event_search, rank) VALUES ('secure-delete', 1);
