-- Where the log stands, in one row: its root, the roots of its perfect subtrees packed, and the place up to which
-- every event has its leaf.
CREATE TABLE indelible_head (
  single boolean PRIMARY KEY DEFAULT true CONSTRAINT indelible_head_single CHECK (single),
  size bigint NOT NULL,
  root bytea NOT NULL CONSTRAINT indelible_head_root CHECK (octet_length(root) = 32),
  frontier bytea NOT NULL,
  place text NOT NULL
);

-- The root of nothing is the SHA-256 of nothing.
INSERT INTO indelible_head (size, root, frontier, place) VALUES (0, sha256(''), '', '');
