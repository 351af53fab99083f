-- Makes the months that are missing and answers how many those were. Safe to repeat and from two sessions at once.
-- A month whose events already lie in the default partition cannot be made beside them. So that partition is
-- detached, its events go in again through the table, with the xid and recorded_at they had, and then it is
-- dropped: no event is ever deleted, and the guards stay shut all the time.
-- The lock keeps writers waiting: it is given up rather than waited for behind a long reader.
CREATE FUNCTION indelible_make_partitions(from_month date, months integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '5s'
AS $$
DECLARE
  first date := date_trunc('month', from_month::timestamp)::date;
  missing date[];
  drains boolean;
  month date;
BEGIN
  PERFORM pg_advisory_xact_lock(7954885183361);
  SELECT coalesce(array_agg(wanted.month), '{}') INTO missing
    FROM (SELECT (first + make_interval(months => n))::date AS month FROM generate_series(0, months - 1) AS n) AS wanted
    WHERE to_regclass(to_char(wanted.month, '"indelible_event_"YYYY_MM')) IS NULL;
  IF cardinality(missing) = 0 THEN
    RETURN 0;
  END IF;

  LOCK TABLE ONLY indelible_event IN ACCESS EXCLUSIVE MODE;
  drains := EXISTS (
    SELECT FROM indelible_event_default
    WHERE id >= indelible_month_floor(first)
      AND id < indelible_month_floor((first + make_interval(months => months))::date));
  IF drains THEN
    ALTER TABLE indelible_event DETACH PARTITION indelible_event_default;
    ALTER TABLE indelible_event_default RENAME TO indelible_event_drained;
    PERFORM indelible_make_default();
  END IF;
  FOREACH month IN ARRAY missing LOOP
    PERFORM indelible_make_month(month);
  END LOOP;
  IF drains THEN
    INSERT INTO indelible_event SELECT * FROM indelible_event_drained;
    DROP TABLE indelible_event_drained;
  END IF;
  RETURN cardinality(missing);
END
$$;
REVOKE ALL ON FUNCTION indelible_make_partitions FROM PUBLIC;
