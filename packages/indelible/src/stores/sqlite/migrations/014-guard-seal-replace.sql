-- Each run begins where the last one ends, so that none takes the place of another and none overlaps.
CREATE TRIGGER indelible_seal_guard_replace BEFORE INSERT ON indelible_seal
WHEN NEW.first_index IS NOT coalesce((SELECT first_index + size FROM indelible_seal ORDER BY first_index DESC LIMIT 1), 0) BEGIN
  SELECT RAISE(ABORT, 'indelible_seal is append-only: leaves are added behind the last one, and none is ever replaced.');
END;
