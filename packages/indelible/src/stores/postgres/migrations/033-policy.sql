-- How long events are kept, as it stands; each change is an event of its own. What matches is JSON.
CREATE TABLE indelible_policy (
  id text COLLATE "C" PRIMARY KEY,
  days integer NOT NULL,
  match text NOT NULL,
  reason text
);
