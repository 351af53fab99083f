-- When a run was sealed, by both of the orders that events have. An event that is later by both than its own leaf was
-- purged and came back.
ALTER TABLE indelible_seal
  ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ADD COLUMN sealed_at timestamptz NOT NULL DEFAULT clock_timestamp();
