-- What a person's removal takes along, and what it only takes their name from, is the database's to do: every
-- row that it changes is recorded as if the application had.
CREATE TABLE appointments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  patient INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  dentist INTEGER REFERENCES users (id) ON DELETE SET NULL,
  location INTEGER REFERENCES locations (id),
  date TEXT NOT NULL,
  time TEXT NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'confirmed' CHECK (status IN ('confirmed', 'completed', 'cancelled', 'no_show')),
  notes TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX appointments_patient ON appointments (patient);
CREATE INDEX appointments_dentist ON appointments (dentist);
CREATE INDEX appointments_date ON appointments (date, time);
