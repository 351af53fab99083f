-- Takes events that are about to go out of the sums, as the sealer counted them, or the roles of those to be erased.
-- A sum that comes to nothing is no more. Whoever calls it holds the lock of the head.
CREATE FUNCTION indelible_uncount(removal text, gone uuid[], lowest uuid, highest uuid) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off SET jit = off
AS $$
BEGIN
  MERGE INTO indelible_rollup AS known
  USING (
    WITH event AS MATERIALIZED (
      SELECT tenant_id, action, outcome, target_type, role, actor_id,
        indelible_quarter(id, 900000) AS quarter, indelible_quarter(id, 86400000) AS day
      FROM indelible_event WHERE id = ANY((SELECT gone)::uuid[]) AND id >= lowest AND id <= highest)
    SELECT tenant_id, kind, quarter, value, count(*) AS count FROM (
      SELECT event.tenant_id, counted.kind, counted.quarter, counted.value
      FROM event, LATERAL (VALUES ('total', event.quarter, ''), ('action', day, action), ('outcome', day, outcome),
        ('model', day, target_type), ('role', day, role), ('actor', day, actor_id)) AS counted (kind, quarter, value)
    ) AS counted
    WHERE value IS NOT NULL AND (removal = 'purge' OR kind = 'role')
    GROUP BY tenant_id, kind, quarter, value
  ) AS lost
  ON known.tenant_id = lost.tenant_id AND known.kind = lost.kind AND known.quarter = lost.quarter AND known.value = lost.value
  WHEN MATCHED AND known.count <= lost.count THEN DELETE
  WHEN MATCHED THEN UPDATE SET count = known.count - lost.count;
END
$$;
REVOKE ALL ON FUNCTION indelible_uncount FROM PUBLIC;
