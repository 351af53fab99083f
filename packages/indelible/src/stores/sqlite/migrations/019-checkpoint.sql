-- The signed note over each head, and over the same head again when nothing has happened.
CREATE TABLE indelible_checkpoint (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  size INTEGER NOT NULL CHECK (size >= 0),
  note TEXT NOT NULL,
  sealed_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
) STRICT;
