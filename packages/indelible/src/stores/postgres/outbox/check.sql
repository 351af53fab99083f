-- What would keep changes from being recorded, with its remedy.
WITH found AS (SELECT to_regclass('indelible_outbox') AS outbox, to_regproc('indelible_put') AS put)
SELECT 'there is no table indelible_outbox in the application''s database: run "npx indelible migrate"' AS message
FROM found WHERE outbox IS NULL
UNION ALL
SELECT 'there is no function indelible_put in the application''s database: run "npx indelible migrate"'
FROM found WHERE outbox IS NOT NULL AND put IS NULL
UNION ALL
SELECT format('the role %I may not %s indelible_outbox: GRANT %s ON indelible_outbox TO %I', current_user, r.verb, r.verb, current_user)
FROM found, unnest(ARRAY['INSERT', 'SELECT', 'UPDATE', 'DELETE']) AS r(verb)
WHERE outbox IS NOT NULL AND NOT has_table_privilege(outbox, r.verb)
