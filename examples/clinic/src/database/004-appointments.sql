-- No cascades: what a person's removal takes along is removed by the application, and so recorded row by row.
CREATE TABLE appointments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  patient INTEGER NOT NULL REFERENCES users (id),
  dentist INTEGER REFERENCES users (id),
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
