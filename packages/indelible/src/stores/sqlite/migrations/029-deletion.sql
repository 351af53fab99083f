-- Removals as they were decided, each before anything of it was removed: which event vouches for it, and its manifest.
CREATE TABLE indelible_deletion (
  place INTEGER PRIMARY KEY AUTOINCREMENT CHECK (place > 0),
  event_id BLOB NOT NULL UNIQUE CHECK (length(event_id) = 16),
  kind TEXT NOT NULL CHECK (kind IN ('purge', 'erase')),
  manifest TEXT NOT NULL,
  note TEXT NOT NULL,
  decided_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER)),
  done_at INTEGER
) STRICT;
