-- Removes events, or empties them, under a removal that was decided and is not over, and answers how many. The one way
-- past the guards: it marks the removal, and takes the mark away again before it returns.
-- The head is locked before anything is looked at, as the sealer does before it counts: then two batches, or a batch
-- and the sealer, never wait each for the other, and none counts what another has taken.
-- What came back after its purge was not counted a second time.
-- Null, with nothing changed, when a hold was placed or released since the events were chosen.
CREATE FUNCTION indelible_remove(removal uuid, asked uuid[], hold_changes bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off
AS $$
DECLARE
  kind_of text;
  lowest uuid := (SELECT given.id FROM unnest(asked) AS given (id) ORDER BY 1 LIMIT 1);
  highest uuid := (SELECT given.id FROM unnest(asked) AS given (id) ORDER BY 1 DESC LIMIT 1);
  gone uuid[];
  counted uuid[];
  stays text;
  removed bigint;
BEGIN
  UPDATE indelible_deletion SET xid = pg_current_xact_id() WHERE event_id = removal AND done_at IS NULL
    RETURNING kind INTO kind_of;
  IF kind_of IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'there is no such removal, or it is over', ERRCODE =
      CASE WHEN EXISTS (SELECT FROM indelible_deletion WHERE event_id = removal) THEN 'IND03' ELSE 'IND02' END;
  END IF;

  PERFORM FROM indelible_head FOR NO KEY UPDATE;
  IF indelible_hold_changes() <> hold_changes THEN
    UPDATE indelible_deletion SET xid = NULL WHERE event_id = removal;
    RETURN NULL;
  END IF;
  SELECT array_agg(event.id) FILTER (WHERE kind_of = 'purge' OR event.is_whole),
      array_agg(event.id) FILTER (WHERE event.xid <= leaf.xid OR event.recorded_at <= leaf.sealed_at),
      min(CASE
        WHEN event.action IN ('RETENTION_PURGE', 'SUBJECT_ERASED', 'KEY_ROTATED', 'HOLD_PLACED', 'HOLD_RELEASED', 'POLICY_CHANGE')
          THEN event.id || ' is a ' || event.action || ', which stays for ever'
        WHEN leaf.id IS NULL THEN event.id || ' has no leaf yet' END)
    INTO gone, counted, stays
    FROM (
      SELECT id, action, xid, recorded_at,
        num_nonnulls(payload, salt, role, ip, actor_text, search_text) > 0 AS is_whole
      FROM indelible_event WHERE id = ANY((SELECT asked)::uuid[]) AND id >= lowest AND id <= highest
    ) AS event LEFT JOIN indelible_leaves(asked) AS leaf ON leaf.id = event.id;
  IF stays IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = stays, ERRCODE = 'IND04';
  END IF;

  PERFORM indelible_uncount(kind_of, counted, lowest, highest);
  IF kind_of = 'purge' THEN
    DELETE FROM indelible_event_subject WHERE event_id = ANY((SELECT gone)::uuid[]);
    DELETE FROM indelible_event WHERE id = ANY((SELECT gone)::uuid[]) AND id >= lowest AND id <= highest;
  ELSE
    UPDATE indelible_event
      SET payload = NULL, salt = NULL, role = NULL, ip = NULL, actor_text = NULL, search_text = NULL
      WHERE id = ANY((SELECT gone)::uuid[]) AND id >= lowest AND id <= highest;
  END IF;
  GET DIAGNOSTICS removed = ROW_COUNT;
  UPDATE indelible_deletion SET xid = NULL WHERE event_id = removal;
  RETURN removed;
END
$$;
REVOKE ALL ON FUNCTION indelible_remove FROM PUBLIC;
