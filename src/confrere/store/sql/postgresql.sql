-- What only PostgreSQL says so: the two transactions of the hot path, which are functions of the first migration, and notes,
-- which come as arrays so that many are one statement.

-- name: rule
-- Decide a claim; see reserve_send.
SELECT * FROM reserve_send($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
  $22, $23, $24);

-- name: settle
-- Write a settlement; see settle_send. In FROM, because a function that is asked for its columns one by one runs as often.
SELECT {settled_send}, f.o_daily_limit, f.o_used, f.o_last_taken_at
FROM settle_send($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS f;

-- name: list_alive
-- Which of these instances hold their lock: a session's lock goes when its process or connection goes.
SELECT (l.classid::bigint << 32) | l.objid::bigint FROM pg_locks l
WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = ANY ($1::bigint[]);

-- name: hold_instance
-- The lock by which others see that this store is open.
SELECT pg_try_advisory_lock($1);

-- name: mark_certain_answer
-- A certain outcome was delivered: nobody has to join the row any more. An uncertain row stays open.
UPDATE sends SET answer = CASE WHEN outcome IN ('in_flight', 'unknown') THEN 'lost' ELSE 'delivered' END,
  is_open = CASE WHEN outcome IN ('in_flight', 'unknown') THEN is_open ELSE 0 END
WHERE id = ANY ($1::text[]) AND is_open = 1;

-- name: mark_uncertain_answer
-- The caller was told that nobody knows: whatever becomes certain later has reached nobody.
UPDATE sends SET answer = 'lost' WHERE id = ANY ($1::text[]) AND is_open = 1;

-- name: note_key_use
-- When keys were last used.
UPDATE api_keys k SET last_used_at = n.used_at FROM unnest($1::text[], $2::bigint[]) AS n (id, used_at)
WHERE k.id = n.id AND (k.last_used_at IS NULL OR k.last_used_at < n.used_at);

-- name: add_opt_outs
-- Those already there stay as they are.
INSERT INTO do_not_contact (workspace_id, recipient, reason, source, added_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
ON CONFLICT (workspace_id, recipient) DO NOTHING RETURNING 1;
