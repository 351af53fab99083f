-- No cascade: whoever has been billed stays, as whoever has an invoice. Amounts are in cents.
CREATE TABLE billing (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  patient INTEGER NOT NULL REFERENCES users (id),
  appointment INTEGER REFERENCES appointments (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  method TEXT CHECK (method IN ('cash', 'card', 'transfer', 'insurance')),
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'paid', 'failed', 'refunded')),
  paid_at TEXT,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX billing_patient ON billing (patient);
CREATE INDEX billing_appointment ON billing (appointment);
CREATE TABLE claims (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  patient INTEGER NOT NULL REFERENCES users (id),
  invoice INTEGER NOT NULL REFERENCES invoices (id),
  insurer TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount > 0),
  status TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'submitted', 'accepted', 'rejected', 'paid')),
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX claims_patient ON claims (patient);
CREATE INDEX claims_invoice ON claims (invoice);
