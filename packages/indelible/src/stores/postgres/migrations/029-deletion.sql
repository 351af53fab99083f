-- What was decided to let go: the manifest names every leaf. Nothing is removed but under such a row, and then only by
-- the transaction that it names for that moment. The manifest is kept beside the row, which is written for each batch.
CREATE TABLE indelible_deletion (
  event_id uuid PRIMARY KEY,
  xid xid8,
  decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  done_at timestamptz,
  kind text COLLATE "C" NOT NULL CONSTRAINT indelible_deletion_kind CHECK (kind IN ('purge', 'erase')),
  note text NOT NULL,
  manifest text NOT NULL
) WITH (toast_tuple_target = 128);

-- For the guard, which asks for each row.
CREATE INDEX indelible_deletion_xid ON indelible_deletion (xid, kind) WHERE xid IS NOT NULL;
