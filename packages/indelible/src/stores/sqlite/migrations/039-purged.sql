-- Events that are gone for good. Their ids stay in the log anyhow; here they are found with each event that comes.
CREATE TABLE indelible_purged (
  event_id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
