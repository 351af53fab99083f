-- Tallies that came to nothing, for the moment until they are removed.
CREATE INDEX indelible_rollup_empty ON indelible_rollup (count) WHERE count <= 0;
