-- A run of leaves of the Merkle log, packed: sixteen bytes an id, thirty-two a hash. It stays when its events go.
CREATE TABLE indelible_seal (
  first_index INTEGER PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size > 0),
  least_id BLOB NOT NULL CHECK (length(least_id) = 16),
  greatest_id BLOB NOT NULL CHECK (length(greatest_id) = 16),
  ids BLOB NOT NULL CHECK (length(ids) = 16 * size),
  hashes BLOB NOT NULL CHECK (length(hashes) = 32 * size)
) STRICT;

-- Where an event's leaf is: ids come nearly in the order of the runs.
CREATE INDEX indelible_seal_id ON indelible_seal (greatest_id, least_id);
