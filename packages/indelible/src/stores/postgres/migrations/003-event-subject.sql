-- The people an event concerns when it is about many, such as a list or an export.
CREATE TABLE indelible_event_subject (
  tenant_id text COLLATE "C" NOT NULL DEFAULT '',
  subject_id text COLLATE "C" NOT NULL,
  event_id uuid NOT NULL,
  PRIMARY KEY (subject_id, tenant_id, event_id)
);
