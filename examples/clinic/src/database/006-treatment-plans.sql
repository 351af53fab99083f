CREATE TABLE treatment_plans (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  patient INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  dentist INTEGER REFERENCES users (id) ON DELETE SET NULL,
  title TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'proposed' CHECK (status IN ('proposed', 'accepted', 'declined', 'completed')),
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX treatment_plans_patient ON treatment_plans (patient);
CREATE INDEX treatment_plans_dentist ON treatment_plans (dentist);
-- A tooth by its two digits (FDI), or none for what is done to the whole mouth. Prices are in cents.
CREATE TABLE treatment_plan_items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  "plan" INTEGER NOT NULL REFERENCES treatment_plans (id) ON DELETE CASCADE,
  service TEXT NOT NULL,
  tooth INTEGER,
  price INTEGER NOT NULL CHECK (price >= 0),
  status TEXT NOT NULL DEFAULT 'planned' CHECK (status IN ('planned', 'done', 'dropped')),
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;
CREATE INDEX treatment_plan_items_plan ON treatment_plan_items ("plan");
