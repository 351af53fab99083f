CREATE TABLE dental_records (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  patient INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  dentist INTEGER REFERENCES users (id) ON DELETE SET NULL,
  diagnosis TEXT NOT NULL,
  treatment TEXT NOT NULL,
  notes TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX dental_records_patient ON dental_records (patient);
CREATE INDEX dental_records_dentist ON dental_records (dentist);
