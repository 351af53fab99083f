-- What the planner goes by: how many rows of a large trail share each beginning of an index. Without it every
-- index looks alike and the wrong one is picked; with these fixed figures a plan is the same in every file.
ANALYZE sqlite_schema;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('indelible_event', 'sqlite_autoindex_indelible_event_1', '1000000 1'),
  ('indelible_event', 'indelible_event_tenant', '1000000 1000000 1'),
  ('indelible_event', 'indelible_event_actor', '1000000 1000000 20000 1'),
  ('indelible_event', 'indelible_event_subject_id', '700000 700000 50 1'),
  ('indelible_event', 'indelible_event_target_type', '1000000 1000000 100000 1'),
  ('indelible_event', 'indelible_event_target_id', '900000 900000 10 1'),
  ('indelible_event', 'indelible_event_action', '1000000 1000000 50000 1'),
  ('indelible_event', 'indelible_event_source', '1000000 1000000 200000 1'),
  ('indelible_event', 'indelible_event_ip', '900000 900000 5000 1'),
  ('indelible_event', 'indelible_event_role', '900000 900000 200000 1'),
  ('indelible_event', 'indelible_event_outcome', '10000 10000 5000 1'),
  ('indelible_event_subject', 'indelible_event_subject', '1000000 1000000 1000 1');
