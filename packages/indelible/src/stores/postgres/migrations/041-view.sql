-- Questions that somebody has kept for themselves: no events, and changed and removed as their owner likes.
CREATE TABLE indelible_view (
  id text COLLATE "C" PRIMARY KEY,
  tenant_id text COLLATE "C" NOT NULL,
  viewer_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  query text NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX indelible_view_owner ON indelible_view (tenant_id, viewer_id, name, id);
