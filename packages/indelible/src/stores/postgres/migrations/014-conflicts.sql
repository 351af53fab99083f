-- Which of these ids are stored with another body: all that a writer, who may not read, gets to know.
CREATE FUNCTION indelible_conflicts(ids uuid[], digests bytea[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$
  SELECT given.id
  FROM unnest(ids, digests) AS given (id, digest)
  JOIN indelible_event AS stored ON stored.id = given.id
  WHERE stored.payload_digest <> given.digest
$$;
REVOKE ALL ON FUNCTION indelible_conflicts FROM PUBLIC;
