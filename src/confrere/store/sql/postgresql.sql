-- PostgreSQL's own queries: the two transactions of the hot path, which are functions (functions.sql), and deferred
-- writes, which come as arrays so that many are one statement.

-- ---- many callers' calls as one statement: the last column is the caller's place, from 1 ----

-- name: reserve
-- Decide claims one after the other, each seeing what was written for those before it; see reserve_send.
SELECT f.*, c.place FROM unnest(
  :send_id::text[], :request_id::text[], :workspace_id::text[], :account_id::text[], :recipient::text[],
  :group_id::text[], :sealed_text::text[], :origin_token::text[], :fingerprint::text[], :person::text[], :idempotency_key::text[],
  :instance::text[], :now::bigint[], :lease_until::bigint[], :day::bigint[], :month::bigint[], :clock::bigint[],
  :campaign_person_id::text[], :conversation_urn::text[], :again::boolean[], :repeats_checked::boolean[], :pacing_checked::boolean[], :stale_id::text[]
) WITH ORDINALITY AS c (
  send_id, request_id, workspace_id, account_id, recipient, group_id, sealed_text, origin_token, fingerprint, person,
  idempotency_key, instance, now, lease_until, day, month, clock, campaign_person_id, conversation_urn,
  again, repeats_checked, pacing_checked, stale_id, place
), LATERAL reserve_send(
  p_send_id => c.send_id, p_request_id => c.request_id, p_workspace_id => c.workspace_id, p_account_id => c.account_id,
  p_recipient => c.recipient, p_group_id => c.group_id, p_sealed_text => c.sealed_text,
  p_origin_token => c.origin_token, p_fingerprint => c.fingerprint, p_person => c.person, p_idempotency_key => c.idempotency_key,
  p_instance => c.instance, p_now => c.now, p_lease_until => c.lease_until, p_day => c.day, p_month => c.month,
  p_clock => c.clock, p_campaign_person_id => c.campaign_person_id, p_conversation_urn => c.conversation_urn, p_again => c.again, p_repeats_checked => c.repeats_checked,
  p_pacing_checked => c.pacing_checked, p_stale_id => c.stale_id,
  p_ceiling => :ceiling, p_opted_out_reason => :opted_out_reason, p_opted_out_status => :opted_out_status,
  p_opted_out_status_text => :opted_out_status_text, p_opted_out_code => :opted_out_code,
  p_opted_out_text => :opted_out_text, p_clock_tolerance => :clock_tolerance) AS f;

-- name: settle
-- Write settlements one after the other; see settle_send. In FROM, because a function that is asked for its columns one by
-- one runs as often.
SELECT {settled_send}, f.o_daily_limit, f.o_used, f.o_last_taken_at, f.o_rules, f.o_paused, f.o_is_held, f.o_is_dead, c.place
FROM unnest(
  :send_id::text[], :outcome::text[], :reason::text[], :refusal_status::bigint[], :refusal_status_text::text[],
  :refusal_code::text[], :refusal_text::text[], :message_urn::text[], :conversation_urn::text[], :now::bigint[],
  :day::bigint[], :hold_until::bigint[], :caller_gone::boolean[], :session_ended::text[], :session_version::bigint[]
) WITH ORDINALITY AS c (
  send_id, outcome, reason, refusal_status, refusal_status_text, refusal_code, refusal_text, message_urn,
  conversation_urn, now, day, hold_until, caller_gone, session_ended, session_version, place
), LATERAL settle_send(
  p_send_id => c.send_id, p_outcome => c.outcome, p_reason => c.reason, p_refusal_status => c.refusal_status,
  p_refusal_status_text => c.refusal_status_text, p_refusal_code => c.refusal_code, p_refusal_text => c.refusal_text,
  p_message_urn => c.message_urn, p_conversation_urn => c.conversation_urn, p_now => c.now, p_day => c.day,
  p_hold_until => c.hold_until, p_caller_gone => c.caller_gone, p_session_ended => c.session_ended,
  p_session_version => c.session_version) AS f;

-- name: find_caller_many
-- Whom keys authenticate.
SELECT k.id, k.workspace_id, k.scopes, k.expires_at,
  (SELECT w.calls_per_minute FROM workspaces w WHERE w.id = k.workspace_id), c.place
FROM unnest(:key_hash::text[], :now::bigint[]) WITH ORDINALITY AS c (hash, now, place)
JOIN api_keys k ON k.hash = c.hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > c.now);

-- name: read_session_many
-- Sealed sessions and their versions.
SELECT a.session, a.session_version, c.place FROM unnest(:account_id::text[]) WITH ORDINALITY AS c (id, place)
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
-- Until the transaction ends no other claim of this account is compared with its rules. The lock is apart from all
-- rows, which are locked in an order of their own, and from the instances' locks, which have one number and not two.
SELECT 1 FROM pg_advisory_xact_lock(2, hashtext($1));

-- name: lock_group
-- Until the transaction ends no other first message of the workspace to a member of this group is compared with the rule.
SELECT 1 FROM pg_advisory_xact_lock(4, hashtext($1 || ' ' || $2));

-- name: hold_instance
-- The lock by which others see that this store is open.
SELECT pg_try_advisory_lock($1);

-- name: mark_certain_answer
-- A certain outcome was delivered: no caller has to join the row any more. An uncertain row stays open.
UPDATE sends SET answer = CASE WHEN outcome IN ('in_flight', 'unknown') THEN 'lost' ELSE 'delivered' END,
  is_open = CASE WHEN outcome IN ('in_flight', 'unknown') THEN is_open ELSE 0 END
WHERE id = ANY ($1::text[]) AND is_open = 1;

-- name: mark_answer_lost
-- The callers disconnected, or were answered `unknown`: no certain outcome was delivered. A closed row's was.
UPDATE sends SET answer = 'lost' WHERE id = ANY ($1::text[]) AND is_open = 1;

-- name: record_key_use
-- When keys were last used.
UPDATE api_keys k SET last_used_at = n.used_at FROM unnest($1::text[], $2::bigint[]) AS n (id, used_at)
WHERE k.id = n.id AND (k.last_used_at IS NULL OR k.last_used_at < n.used_at);

-- name: record_session_answer
-- LinkedIn takes the accounts' sessions.
UPDATE accounts a SET answered_at = n.answered_at FROM unnest($1::text[], $2::bigint[]) AS n (id, answered_at)
WHERE a.id = n.id AND a.session IS NOT NULL AND (a.answered_at IS NULL OR a.answered_at < n.answered_at);

-- name: record_session_use
-- The idle times of users' sessions begin anew.
UPDATE user_sessions s SET seen_at = n.used_at FROM unnest($1::text[], $2::bigint[]) AS n (hash, used_at)
WHERE s.hash = n.hash AND s.seen_at < n.used_at;

-- name: add_opt_outs
-- A JSON array of [recipient, reason, source, added_at], to the list of the workspace $1; those already there stay as they
-- are. Messages of campaigns that are being reserved come before this or know of it.
WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(4, hashtext($1)))
INSERT INTO do_not_contact (workspace_id, recipient, reason, source, added_at)
SELECT $1, e ->> 0, e ->> 1, e ->> 2, CAST(e ->> 3 AS BIGINT) FROM jsonb_array_elements(CAST($2 AS jsonb)) AS t (e)
WHERE (SELECT COUNT(*) FROM locked) > 0
ON CONFLICT (workspace_id, recipient) DO NOTHING RETURNING recipient;

-- name: record_opt_out_events
-- The people in a JSON array of URNs were put on the do-not-contact list.
INSERT INTO webhook_events (id, workspace_id, type, subject, recipient, facts, occurred_at)
SELECT d.workspace_id || '.' || d.recipient || '.' || d.added_at, d.workspace_id, 'recipient.opted_out', d.recipient,
  d.recipient, CAST({json_object}('recipientProfileUrn', d.recipient, 'reason', d.reason, 'source', d.source,
    'addedAt', d.added_at) AS TEXT), d.added_at
FROM do_not_contact d WHERE d.workspace_id = $1 AND d.recipient = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) AND EXISTS (SELECT 1 FROM webhooks w
  WHERE w.workspace_id = d.workspace_id AND w.enabled = 1 AND w.events LIKE '% recipient.opted_out %')
ON CONFLICT (id) DO NOTHING;

-- name: record_listed
-- The people in a JSON array of URNs were put on the do-not-contact list.
INSERT INTO lasting_changes (at, kind, workspace_id, subject) SELECT d.added_at, 'listed', d.workspace_id, d.recipient
FROM do_not_contact d WHERE d.workspace_id = $1 AND d.recipient = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
ON CONFLICT (at, kind, workspace_id, subject) DO NOTHING;

-- name: add_audience_people
-- A JSON array of [recipient, place, public_id, first_name, last_name, headline, custom], to the audience $1; those already there stay as they are.
INSERT INTO audience_people (audience_id, workspace_id, recipient, place, public_id, first_name, last_name, headline, custom)
SELECT $1, $2, e ->> 0, CAST(e ->> 1 AS BIGINT), e ->> 2, e ->> 3, e ->> 4, e ->> 5, e ->> 6
FROM jsonb_array_elements($3::jsonb) e
ON CONFLICT (audience_id, recipient) DO NOTHING RETURNING place;

-- name: add_group_members
-- A JSON array of [recipient, public_id, first_name, last_name, headline, relationship, sort_name], each once, as they are now
-- for the account $5.
INSERT INTO group_members (workspace_id, group_id, read_at, read_by, recipient, public_id, first_name, last_name, headline,
  relationship, sort_name)
SELECT $1, $2, $3, $5, e ->> 0, e ->> 1, e ->> 2, e ->> 3, e ->> 4, e ->> 5, e ->> 6 FROM jsonb_array_elements($4::jsonb) e
ON CONFLICT (workspace_id, group_id, recipient) DO UPDATE SET public_id = excluded.public_id,
  first_name = excluded.first_name, last_name = excluded.last_name, headline = excluded.headline,
  relationship = excluded.relationship, sort_name = excluded.sort_name, read_by = excluded.read_by,
  read_at = excluded.read_at;

-- name: find_known_members
-- Those of a JSON array of URNs.
SELECT {listed_member} FROM group_members p
WHERE p.workspace_id = :workspace_id AND p.group_id = :group_id AND p.recipient = ANY (ARRAY(SELECT jsonb_array_elements_text(:recipients::jsonb)));

-- name: find_opted_out
-- Who of a JSON array of URNs is on the do-not-contact list.
SELECT recipient FROM do_not_contact WHERE workspace_id = $1 AND recipient = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)));

-- name: find_people
-- What is known of the people in a JSON array of URNs, the latest last: from replies, campaigns and groups.
SELECT r.recipient, NULL, r.name, NULL, NULL FROM replies r
  WHERE r.workspace_id = $1 AND r.recipient = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) AND r.name IS NOT NULL
UNION ALL SELECT c.recipient, NULL, c.name, NULL, NULL FROM campaign_people c
  WHERE c.workspace_id = $1 AND c.recipient = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) AND c.name <> ''
UNION ALL SELECT * FROM (SELECT m.recipient, m.public_id, m.first_name, m.last_name, m.headline FROM group_members m
  WHERE m.workspace_id = $1 AND m.recipient = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) ORDER BY m.read_at) n;

-- name: add_campaign_people
-- A JSON array of [id, recipient, name, text, fingerprint, status, reason], to the campaign $1; a person is in it once.
INSERT INTO campaign_people (campaign_id, workspace_id, changed_at, id, recipient, name, text, fingerprint, status, reason)
SELECT $1, $2, $3, e ->> 0, e ->> 1, e ->> 2, e ->> 3, e ->> 4, e ->> 5, e ->> 6 FROM jsonb_array_elements($4::jsonb) e
ON CONFLICT (recipient, campaign_id) DO NOTHING RETURNING recipient;

-- name: count_people_of_campaigns
-- Of the campaigns in a JSON array: by status, and within skipped by reason; then those of the waiting who are held at $2.
-- Three reads, so that the many who are not skipped are counted within one index.
SELECT p.campaign_id, p.status, NULL, COUNT(*) FROM campaign_people p
WHERE p.campaign_id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb))) AND p.status <> 'skipped' GROUP BY p.campaign_id, p.status
UNION ALL SELECT p.campaign_id, p.status, p.reason, COUNT(*) FROM campaign_people p
WHERE p.campaign_id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb))) AND p.status = 'skipped' GROUP BY p.campaign_id, p.status, p.reason
UNION ALL SELECT p.campaign_id, 'held', NULL, COUNT(*) FROM campaign_people p
WHERE p.campaign_id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb))) AND p.is_held = 1 AND p.status = 'waiting' AND p.due_at > $2
GROUP BY p.campaign_id;

-- name: find_erased
-- Which of a JSON array of stand-ins are of erased people, and since when.
SELECT recipient, added_at FROM do_not_contact WHERE workspace_id = $1
  AND recipient = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) AND source = 'erasure';

-- name: lock_recipient
-- Until the transaction ends no message of a campaign to this person is reserved.
SELECT 1 FROM pg_advisory_xact_lock(3, hashtext($1));
