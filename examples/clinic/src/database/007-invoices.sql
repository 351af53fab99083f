-- No cascade: an appointment that was invoiced stays, and its patient with it. Amounts are in cents.
CREATE TABLE invoices (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  appointment INTEGER NOT NULL REFERENCES appointments (id),
  amount INTEGER NOT NULL CHECK (amount > 0),
  status TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'sent', 'paid', 'refunded', 'void')),
  due_date TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX invoices_appointment ON invoices (appointment);
-- Money that came, and money that went back; of the latter the way is not said.
CREATE TABLE payments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  invoice INTEGER NOT NULL REFERENCES invoices (id),
  kind TEXT NOT NULL CHECK (kind IN ('payment', 'refund')),
  amount INTEGER NOT NULL CHECK (amount > 0),
  method TEXT CHECK (method IN ('cash', 'card', 'transfer')),
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  CHECK ((kind = 'payment') = (method IS NOT NULL))
) STRICT;
CREATE INDEX payments_invoice ON payments (invoice);
