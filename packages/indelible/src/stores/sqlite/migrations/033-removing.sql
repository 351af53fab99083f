-- Which removal is under way: filled and emptied within its transaction, so that no other connection ever sees a row.
-- The guards of events ask for it, and so can say what they refuse on any connection, also where the function that
-- guards this table is unknown.
CREATE TABLE indelible_removing (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  event_id BLOB NOT NULL,
  kind TEXT NOT NULL
) STRICT;
