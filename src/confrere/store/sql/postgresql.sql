-- What only PostgreSQL says so: the two transactions of the hot path, which are functions (functions.sql), and notes, which
-- come as arrays so that many are one statement.

-- name: rule
-- Decide a claim; see reserve_send.
SELECT * FROM reserve_send($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
  $22, $23, $24, $25, $26, $27);

-- name: settle
-- Write a settlement; see settle_send. In FROM, because a function that is asked for its columns one by one runs as often.
SELECT {settled_send}, f.o_daily_limit, f.o_used, f.o_last_taken_at, f.o_rules
FROM settle_send($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS f;

-- ---- many callers' calls as one statement: the first column is the caller's place ----

-- name: rule_many
-- Decide claims one after the other, each seeing what was written for those before it.
SELECT c.place, f.* FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
  $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
  $16::bigint[])
  WITH ORDINALITY AS c (send_id, request_id, workspace_id, account_id, recipient, group_id, text, origin_token,
    fingerprint, key, instance, now, lease_until, day, month, clock, place),
LATERAL reserve_send(c.send_id, c.request_id, c.workspace_id, c.account_id, c.recipient, c.group_id, c.text,
  c.origin_token, c.fingerprint, c.key, c.instance, c.now, c.lease_until, c.day, c.month, c.clock, FALSE, FALSE, FALSE, NULL,
  $17, $18, $19, $20, $21, $22, $23) AS f;

-- name: settle_many
-- Write settlements one after the other.
SELECT c.place, {settled_send}, f.o_daily_limit, f.o_used, f.o_last_taken_at, f.o_rules
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
  $10::bigint[], $11::bigint[], $12::bigint[], $13::boolean[], $14::text[], $15::bigint[])
  WITH ORDINALITY AS c (send_id, outcome, reason, refusal_status, refusal_status_text, refusal_code, refusal_text,
    message_urn, conversation_urn, now, day, hold_until, caller_gone, session_ended, session_version, place),
LATERAL settle_send(c.send_id, c.outcome, c.reason, c.refusal_status, c.refusal_status_text, c.refusal_code,
  c.refusal_text, c.message_urn, c.conversation_urn, c.now, c.day, c.hold_until, c.caller_gone, c.session_ended,
  c.session_version) AS f;

-- name: find_caller_many
-- Whom keys speak for.
SELECT c.place, k.id, k.workspace_id, k.scopes, k.expires_at,
  (SELECT w.calls_per_minute FROM workspaces w WHERE w.id = k.workspace_id)
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS c (hash, now, place)
JOIN api_keys k ON k.hash = c.hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > c.now);

-- name: read_session_many
-- Sealed sessions and their versions.
SELECT c.place, a.session, a.session_version FROM unnest($1::text[]) WITH ORDINALITY AS c (id, place)
JOIN accounts a ON a.id = c.id AND a.session IS NOT NULL;

-- name: find_functions
-- The version of the functions that the database has.
SELECT obj_description(p.oid, 'pg_proc') FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace AND p.proname = 'reserve_send';

-- name: list_alive
-- Which of these instances hold their lock: a session's lock goes when its process or connection goes.
SELECT (l.classid::bigint << 32) | l.objid::bigint FROM pg_locks l
WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = ANY ($1::bigint[]);

-- name: read_clocks
-- The clocks that the caller's is compared with: the server's own.
SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) WHERE $1::text IS NOT NULL;

-- name: lock_pace
-- From here to the end of the transaction nobody else judges a claim of this account by its rules. The lock is apart from all
-- rows, which are locked in an order of their own, and from the instances' locks, which have one number and not two.
SELECT 1 FROM pg_advisory_xact_lock(2, hashtext($1));

-- name: hold_instance
-- The lock by which others see that this store is open.
SELECT pg_try_advisory_lock($1);

-- name: mark_certain_answer
-- A certain outcome was delivered: nobody has to join the row any more. An uncertain row stays open.
UPDATE sends SET answer = CASE WHEN outcome IN ('in_flight', 'unknown') THEN 'lost' ELSE 'delivered' END,
  is_open = CASE WHEN outcome IN ('in_flight', 'unknown') THEN is_open ELSE 0 END
WHERE id = ANY ($1::text[]) AND is_open = 1;

-- name: mark_answer_lost
-- The callers hung up, or were told that nobody knows: whatever is certain has reached nobody. A closed row's has reached
-- somebody.
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
