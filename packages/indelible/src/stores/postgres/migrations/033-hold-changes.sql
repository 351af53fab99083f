-- How many events have placed or released a hold: they stay for ever, so that it is the same number only where nothing
-- has changed.
CREATE FUNCTION indelible_hold_changes() RETURNS bigint
LANGUAGE sql STABLE SET search_path FROM CURRENT
AS $$ SELECT count(*) FROM indelible_event WHERE action IN ('HOLD_PLACED', 'HOLD_RELEASED') $$;
REVOKE ALL ON FUNCTION indelible_hold_changes FROM PUBLIC;
