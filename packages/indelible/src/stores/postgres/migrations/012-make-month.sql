CREATE FUNCTION indelible_make_month(month date) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
  partition text := to_char(month, '"indelible_event_"YYYY_MM');
BEGIN
  EXECUTE format(
    'CREATE TABLE %I PARTITION OF indelible_event FOR VALUES FROM (%L) TO (%L)',
    partition, indelible_month_floor(month), indelible_month_floor((month + interval '1 month')::date));
  PERFORM indelible_guard_partition(partition);
END
$$;
REVOKE ALL ON FUNCTION indelible_make_month FROM PUBLIC;
