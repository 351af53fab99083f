-- Where the leaves of some events are, and when they were sealed; events without a leaf are left out. Ids come nearly
-- in the order of the runs, so the first run that can hold one nearly always does, and is read once for all of its
-- events. The others are looked for in every run that can hold them.
CREATE FUNCTION indelible_leaves(asked uuid[])
RETURNS TABLE (id uuid, index bigint, xid xid8, sealed_at timestamptz)
LANGUAGE sql STABLE SET search_path FROM CURRENT SET enable_seqscan = off SET enable_nestloop = off SET jit = off
AS $$
  WITH wanted AS MATERIALIZED (SELECT DISTINCT given.id FROM unnest(asked) AS given (id)),
  near AS MATERIALIZED (
    SELECT DISTINCT run.first FROM wanted, LATERAL (
      SELECT seal.first FROM indelible_seal AS seal WHERE seal.greatest >= wanted.id ORDER BY seal.greatest LIMIT 1
    ) AS run),
  found AS MATERIALIZED (
    SELECT leaf.id, run.first + leaf.n - 1 AS index, run.xid, run.sealed_at
    FROM near,
      LATERAL (SELECT * FROM indelible_seal AS seal WHERE seal.first = near.first OFFSET 0) AS run,
      LATERAL unnest(run.ids) WITH ORDINALITY AS leaf (id, n)
    WHERE leaf.id IN (SELECT wanted.id FROM wanted))
  SELECT found.id, found.index, found.xid, found.sealed_at FROM found
  UNION ALL
  SELECT wanted.id, run.first + array_position(run.ids, wanted.id) - 1, run.xid, run.sealed_at
  FROM wanted, LATERAL (
    SELECT * FROM indelible_seal AS seal
    WHERE seal.greatest >= wanted.id AND seal.least <= wanted.id AND array_position(seal.ids, wanted.id) IS NOT NULL
    ORDER BY seal.greatest LIMIT 1
  ) AS run
  WHERE NOT EXISTS (SELECT FROM found WHERE found.id = wanted.id)
$$;
REVOKE ALL ON FUNCTION indelible_leaves FROM PUBLIC;
