-- What is kept whatever the policies say, as it stands; each change is an event of its own. What matches is JSON.
CREATE TABLE indelible_hold (
  id text COLLATE "C" PRIMARY KEY,
  placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  match text NOT NULL,
  reason text NOT NULL
);
