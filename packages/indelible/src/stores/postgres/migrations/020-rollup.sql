-- How many events there are of a quarter of an hour, and of which kind there are how many in a day, by the time of the
-- event: sums of the leaves, no evidence.
CREATE TABLE indelible_rollup (
  quarter timestamptz NOT NULL,
  count bigint NOT NULL,
  tenant_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, kind, quarter, value)
);
