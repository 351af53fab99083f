-- The roots of whole subtrees: of 256 leaves on level 1, of 256 x 256 on level 2, and so on.
CREATE TABLE indelible_node (
  level INTEGER NOT NULL CHECK (level > 0),
  node_index INTEGER NOT NULL CHECK (node_index >= 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, node_index)
) STRICT, WITHOUT ROWID;
