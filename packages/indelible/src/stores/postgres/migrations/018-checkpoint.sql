-- The signed note over each head, and over the same head again when nothing has happened. They are counted without a
-- gap, by the sealer who holds the head: one that is missing is seen.
CREATE TABLE indelible_checkpoint (
  place bigint PRIMARY KEY,
  size bigint NOT NULL,
  sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  note text NOT NULL
);
