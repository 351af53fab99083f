-- How many events there are of a quarter of an hour, and of which kind there are how many in a day, by the time of the
-- event in milliseconds; sums of the leaves, no evidence.
CREATE TABLE indelible_rollup (
  tenant_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  quarter INTEGER NOT NULL,
  value TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, kind, quarter, value)
) STRICT, WITHOUT ROWID;
