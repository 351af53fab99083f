-- Rows come and go: what they leave is cleared away often, and nothing is spent on making them small.
ALTER TABLE :schema.indelible_outbox SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
