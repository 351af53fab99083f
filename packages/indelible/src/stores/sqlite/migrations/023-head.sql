-- Where the log stands, in one row: its root, the roots of its perfect subtrees packed, and the last row sealed.
CREATE TABLE indelible_head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  frontier BLOB NOT NULL CHECK (length(frontier) % 32 = 0),
  place INTEGER NOT NULL
) STRICT;

-- The root of nothing is the SHA-256 of nothing.
INSERT INTO indelible_head (only, size, root, frontier, place)
VALUES (1, 0, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', x'', 0);
