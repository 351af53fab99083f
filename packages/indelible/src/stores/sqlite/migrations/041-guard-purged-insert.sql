CREATE TRIGGER indelible_purged_guard_insert BEFORE INSERT ON indelible_purged
WHEN (SELECT kind FROM indelible_removing) IS NOT 'purge' BEGIN
  SELECT RAISE(ABORT, 'indelible_purged has what a purge removed, and takes nothing else.');
END;
