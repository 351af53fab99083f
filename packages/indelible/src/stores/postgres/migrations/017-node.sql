-- The roots of whole subtrees: of 256 leaves on level 1, of 256 x 256 on level 2, and so on.
CREATE TABLE indelible_node (
  level smallint NOT NULL,
  index bigint NOT NULL,
  hash bytea NOT NULL CONSTRAINT indelible_node_hash CHECK (octet_length(hash) = 32),
  PRIMARY KEY (level, index)
);
