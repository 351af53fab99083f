-- A run of leaves of the Merkle log, in their order: their ids, and their hashes packed, 32 bytes each. It stays when
-- its events go. Hashes do not compress, so nothing tries.
CREATE TABLE indelible_seal (
  first bigint PRIMARY KEY,
  least uuid NOT NULL,
  greatest uuid NOT NULL,
  size integer NOT NULL CONSTRAINT indelible_seal_size CHECK (size > 0 AND size = cardinality(ids) AND octet_length(hashes) = size * 32),
  ids uuid[] NOT NULL,
  hashes bytea NOT NULL
);
ALTER TABLE indelible_seal ALTER COLUMN ids SET STORAGE EXTERNAL, ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Where the leaf of an event is: ids come nearly in the order of the runs.
CREATE INDEX indelible_seal_ids ON indelible_seal (greatest, least);
