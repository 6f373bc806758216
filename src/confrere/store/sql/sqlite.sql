-- The hot path on SQLite. One writer at a time, so what a statement has read still holds at the next.

-- name: find_sender
-- Everything about the account that decides a claim, in one read: is the recipient opted out (0) or erased (1), was the person written to
-- before, is an identical row open, what is used of the day, did the account use a window that begins
-- after :newest_window, is there a process whose clock differed by more than :tolerance from :clock at its last beat.
SELECT a.id, a.profile_urn, a.session_version, a.session IS NOT NULL AND a.status <> 'ERROR', a.enabled, a.daily_limit,
  a.hold_until,
  (SELECT MAX(d.recipient = :person) FROM do_not_contact d
    WHERE d.workspace_id = a.workspace_id AND d.recipient IN (:recipient, :person)),
  EXISTS (SELECT 1 FROM sends s WHERE s.account_id = a.id AND s.recipient = :recipient AND s.holds_unit = 1),
  EXISTS (SELECT 1 FROM sends s WHERE s.fingerprint = :fingerprint AND s.is_open = 1 AND s.account_id = a.id),
  a.rules,
  COALESCE((SELECT q.used FROM quotas q WHERE q.account_id = a.id AND q.action = 'MESSAGE' AND q.window_start = :day), 0),
  EXISTS (SELECT 1 FROM quotas q WHERE q.account_id = a.id AND q.action = 'MESSAGE' AND q.window_start > :newest_window),
  EXISTS (SELECT 1 FROM processes p WHERE p.instance <> :instance AND ABS(p.beat_at - :clock) > :tolerance),
  a.lost_from, a.lost_until
FROM accounts a WHERE a.workspace_id = :workspace_id
  AND a.id = COALESCE(:account_id, (SELECT w.default_account_id FROM workspaces w WHERE w.id = :workspace_id));

-- name: is_key_known
-- Whether an idempotency key was ever claimed.
SELECT 1 FROM idempotency_keys WHERE workspace_id = $1 AND key = $2;

-- name: take_unit
-- One message of the day that begins at $2, unless the limit $4 is reached: no row is changed then. RETURNING would cost as
-- much again.
INSERT INTO quotas (account_id, action, window_start, used, last_taken_at) SELECT $1, 'MESSAGE', $2, 1, $3 WHERE $4 > 0
ON CONFLICT (account_id, action, window_start) DO UPDATE SET used = used + 1, last_taken_at = excluded.last_taken_at
WHERE used < $4;

-- name: take_first_contact
-- One first contact of the month that begins at $2; they have no limit here.
INSERT INTO quotas (account_id, action, window_start, used, last_taken_at) VALUES ($1, 'GROUP_FIRST_CONTACT', $2, 1, $3)
ON CONFLICT (account_id, action, window_start) DO UPDATE SET used = used + 1, last_taken_at = excluded.last_taken_at;

-- name: take_unit_again
-- Take a unit again that was given back, even above the limit: the recipient has the message.
UPDATE quotas SET used = used + 1 WHERE account_id = $1 AND action = $2 AND window_start = $3;

-- name: give_unit_back
-- One unit back into the window it was taken from.
UPDATE quotas SET used = MAX(used - 1, 0) WHERE account_id = $1 AND action = $2 AND window_start = $3;

-- name: add_send
-- The row of a send that is about to begin.
INSERT INTO sends (id, request_id, workspace_id, account_id, recipient, group_id, text, origin_token, fingerprint,
  idempotency_key, outcome, conversation_urn, window_start, holds_unit, first_contact_window, owner, lease_until, created_at,
  campaign_person_id)
VALUES (:send_id, :request_id, :workspace_id, :account_id, :recipient, :group_id, :sealed_text, :origin_token, :fingerprint,
  :idempotency_key, 'in_flight', :conversation_urn, :day, 1, :first_contact_window, :instance, :lease_until, :now,
  :campaign_person_id);

-- name: add_refused_send
-- The row of a send that the do-not-contact list forbids: it ends as it begins and takes no unit.
INSERT INTO sends (id, request_id, workspace_id, account_id, recipient, group_id, text, origin_token, fingerprint,
  idempotency_key, outcome, reason, refusal_status, refusal_status_text, refusal_code, refusal_text, conversation_urn,
  window_start, holds_unit, owner, lease_until, created_at, ended_at, settled_at)
VALUES (:send_id, :request_id, :workspace_id, :account_id, :recipient, :group_id, :sealed_text, :origin_token, :fingerprint,
  :idempotency_key, :outcome, :reason, :refusal_status, :refusal_status_text, :refusal_code, :refusal_text,
  :conversation_urn, :day, 0, :instance, :lease_until, :now, :now, :now);

-- name: claim_key
-- The key is this send's now; whose it was before was decided in the same transaction.
INSERT INTO idempotency_keys (workspace_id, key, send_id, fingerprint, requested_account, created_at)
VALUES (:workspace_id, :idempotency_key, :send_id, :fingerprint, :requested_account, :now)
ON CONFLICT (workspace_id, key) DO UPDATE SET send_id = excluded.send_id, fingerprint = excluded.fingerprint,
  requested_account = excluded.requested_account, created_at = excluded.created_at;

-- name: settle_accepted
-- The ordinary end of a send: from in flight to accepted, its caller still there. Nothing else of the row changes: the unit
-- stays taken, the key kept, the row open until the answer is delivered. To set them to what they are would write two more
-- indexes, one of them at a random place; RETURNING costs more than reading the row afterwards.
UPDATE sends SET outcome = 'accepted', message_urn = $2, conversation_urn = COALESCE($3, conversation_urn), settled_at = $4, ended_at = $4
WHERE id = $1 AND outcome = 'in_flight';

-- name: read_for_settling
-- What decides a settlement.
SELECT outcome, account_id, recipient, workspace_id, idempotency_key, fingerprint, window_start, first_contact_window,
  answer, is_open, created_at
FROM sends WHERE id = $1;

-- name: settle
-- The outcome, and what follows from it for the row. A plain message keeps the conversation that it was meant for.
UPDATE sends SET outcome = :outcome, reason = :reason, refusal_status = :refusal_status,
  refusal_status_text = :refusal_status_text, refusal_code = :refusal_code, refusal_text = :refusal_text,
  message_urn = :message_urn, conversation_urn = COALESCE(:conversation_urn, conversation_urn), settled_at = :now,
  ended_at = COALESCE(ended_at, :now), holds_unit = :holds_unit, first_contact_window = :first_contact_window,
  answer = :answer, is_open = :is_open, look_at = :look_at
WHERE id = :send_id;

-- name: read_settled
-- The row as it now stands, with the account's day, and whether a webhook wants to know of it. Joined, the same costs several
-- times as much.
SELECT {send},
  (SELECT daily_limit FROM accounts a WHERE a.id = sends.account_id),
  COALESCE((SELECT used FROM quotas q WHERE q.account_id = sends.account_id AND q.action = 'MESSAGE'
    AND q.window_start = $2), 0),
  (SELECT last_taken_at FROM quotas q WHERE q.account_id = sends.account_id AND q.action = 'MESSAGE'
    AND q.window_start = $2),
  (SELECT rules FROM accounts a WHERE a.id = sends.account_id), campaign_person_id,
  EXISTS (SELECT 1 FROM webhooks w WHERE w.workspace_id = sends.workspace_id AND w.enabled = 1 AND w.events LIKE '% send.%')
FROM sends WHERE id = $1;

-- name: free_key
-- Nothing was sent: the key may be used again.
DELETE FROM idempotency_keys WHERE workspace_id = $1 AND key = $2 AND send_id = $3;

-- name: restore_key
-- Late evidence of a send: its key stands for it again, unless another send has claimed the key.
INSERT INTO idempotency_keys (workspace_id, key, send_id, fingerprint, requested_account, created_at)
VALUES (:workspace_id, :idempotency_key, :send_id, :fingerprint, :requested_account, :created_at)
ON CONFLICT (workspace_id, key) DO NOTHING;

-- name: end_session
-- LinkedIn no longer takes the account's session, unless it was connected anew since.
UPDATE accounts SET status = 'ERROR', status_reason = $2 WHERE id = $1 AND ($3 IS NULL OR session_since <= $3);

-- name: find_damage
-- What is wrong with the structure of the file; 'ok' where nothing is.
PRAGMA quick_check(20);

-- name: find_newest_window
-- When the newest window of messages began.
SELECT MAX(window_start) FROM quotas WHERE account_id = $1 AND action = 'MESSAGE';

-- name: read_clocks
-- The clocks that the caller's is compared with: those of the other processes.
SELECT beat_at FROM processes WHERE instance <> $1;

-- name: lock_pace
-- The writer is alone, so no other claim of this account is being decided.
SELECT $1;

-- name: lock_group
-- The writer is alone.
SELECT $1, $2;

-- name: mark_certain_answer
-- A certain outcome was delivered: no caller has to join the row any more. An uncertain row stays open.
UPDATE sends SET answer = CASE WHEN outcome IN ('in_flight', 'unknown') THEN 'lost' ELSE 'delivered' END,
  is_open = CASE WHEN outcome IN ('in_flight', 'unknown') THEN is_open ELSE 0 END
WHERE id = $1 AND is_open = 1;

-- name: mark_answer_lost
-- The caller disconnected, or was answered `unknown`: no certain outcome was delivered. A closed row's was.
UPDATE sends SET answer = 'lost' WHERE id = $1 AND is_open = 1;

-- name: record_key_use
-- When a key was last used.
UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2);

-- name: record_session_answer
-- LinkedIn takes the account's session.
UPDATE accounts SET answered_at = $2 WHERE id = $1 AND session IS NOT NULL AND (answered_at IS NULL OR answered_at < $2);

-- name: record_session_use
-- The idle time of a user's session begins anew.
UPDATE user_sessions SET seen_at = $2 WHERE hash = $1 AND seen_at < $2;

-- name: add_opt_outs
-- A JSON array of [recipient, reason, source, added_at], to the list of the workspace $1; those already there stay as they
-- are.
INSERT INTO do_not_contact (workspace_id, recipient, reason, source, added_at)
SELECT $1, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3 FROM json_each($2) AS e WHERE true
ON CONFLICT (workspace_id, recipient) DO NOTHING RETURNING recipient;

-- name: record_opt_out_events
-- The people in a JSON array of URNs were put on the do-not-contact list.
INSERT INTO webhook_events (id, workspace_id, type, subject, recipient, facts, occurred_at)
SELECT d.workspace_id || '.' || d.recipient || '.' || d.added_at, d.workspace_id, 'recipient.opted_out', d.recipient,
  d.recipient, CAST({json_object}('recipientProfileUrn', d.recipient, 'reason', d.reason, 'source', d.source,
    'addedAt', d.added_at) AS TEXT), d.added_at
FROM do_not_contact d WHERE d.workspace_id = $1 AND d.recipient IN (SELECT value FROM json_each($2)) AND EXISTS (SELECT 1 FROM webhooks w
  WHERE w.workspace_id = d.workspace_id AND w.enabled = 1 AND w.events LIKE '% recipient.opted_out %')
ON CONFLICT (id) DO NOTHING;

-- name: record_listed
-- The people in a JSON array of URNs were put on the do-not-contact list.
INSERT INTO lasting_changes (at, kind, workspace_id, subject) SELECT d.added_at, 'listed', d.workspace_id, d.recipient
FROM do_not_contact d WHERE d.workspace_id = $1 AND d.recipient IN (SELECT value FROM json_each($2))
ON CONFLICT (at, kind, workspace_id, subject) DO NOTHING;

-- name: add_audience_people
-- A JSON array of [recipient, place, public_id, first_name, last_name, headline, custom], to the audience $1; those already there stay as they are.
INSERT INTO audience_people (audience_id, workspace_id, recipient, place, public_id, first_name, last_name, headline, custom)
SELECT $1, $2, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 FROM json_each($3) WHERE 1 = 1
ON CONFLICT (audience_id, recipient) DO NOTHING RETURNING place;

-- name: add_group_members
-- A JSON array of [recipient, public_id, first_name, last_name, headline, relationship, sort_name], each once, as they are now
-- for the account $5.
INSERT INTO group_members (workspace_id, group_id, read_at, read_by, recipient, public_id, first_name, last_name, headline,
  relationship, sort_name)
SELECT $1, $2, $3, $5, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 FROM json_each($4) WHERE 1 = 1
ON CONFLICT (workspace_id, group_id, recipient) DO UPDATE SET public_id = excluded.public_id,
  first_name = excluded.first_name, last_name = excluded.last_name, headline = excluded.headline,
  relationship = excluded.relationship, sort_name = excluded.sort_name, read_by = excluded.read_by,
  read_at = excluded.read_at;

-- name: find_known_members
-- Those of a JSON array of URNs.
SELECT {listed_member} FROM group_members p
WHERE p.workspace_id = :workspace_id AND p.group_id = :group_id AND p.recipient IN (SELECT value FROM json_each(:recipients));

-- name: find_opted_out
-- Who of a JSON array of URNs is on the do-not-contact list.
SELECT recipient FROM do_not_contact WHERE workspace_id = $1 AND recipient IN (SELECT value FROM json_each($2));

-- name: find_people
-- What is known of the people in a JSON array of URNs, the latest last: from replies, campaigns and groups.
SELECT r.recipient, NULL, r.name, NULL, NULL FROM replies r
  WHERE r.workspace_id = $1 AND r.recipient IN (SELECT value FROM json_each($2)) AND r.name IS NOT NULL
UNION ALL SELECT c.recipient, NULL, c.name, NULL, NULL FROM campaign_people c
  WHERE c.workspace_id = $1 AND c.recipient IN (SELECT value FROM json_each($2)) AND c.name <> ''
UNION ALL SELECT * FROM (SELECT m.recipient, m.public_id, m.first_name, m.last_name, m.headline FROM group_members m INDEXED BY group_members_person
  WHERE m.workspace_id = $1 AND m.recipient IN (SELECT value FROM json_each($2)) ORDER BY m.read_at) n;

-- name: add_campaign_people
-- A JSON array of [id, recipient, name, text, fingerprint, status, reason], to the campaign $1; a person is in it once.
INSERT INTO campaign_people (campaign_id, workspace_id, changed_at, id, recipient, name, text, fingerprint, status, reason)
SELECT $1, $2, $3, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
FROM json_each($4) WHERE 1 = 1
ON CONFLICT (recipient, campaign_id) DO NOTHING RETURNING recipient;

-- name: count_people_of_campaigns
-- Of the campaigns in a JSON array: by status, and within skipped by reason; then those of the waiting who are held at $2.
-- Three reads, so that the many who are not skipped are counted within one index.
SELECT p.campaign_id, p.status, NULL, COUNT(*) FROM campaign_people p
WHERE p.campaign_id IN (SELECT value FROM json_each($1)) AND p.status <> 'skipped' GROUP BY p.campaign_id, p.status
UNION ALL SELECT p.campaign_id, p.status, p.reason, COUNT(*) FROM campaign_people p
WHERE p.campaign_id IN (SELECT value FROM json_each($1)) AND p.status = 'skipped' GROUP BY p.campaign_id, p.status, p.reason
UNION ALL SELECT p.campaign_id, 'held', NULL, COUNT(*) FROM campaign_people p INDEXED BY campaign_people_held
WHERE p.campaign_id IN (SELECT value FROM json_each($1)) AND p.is_held = 1 AND p.status = 'waiting' AND p.due_at > $2
GROUP BY p.campaign_id;

-- name: find_erased
-- Which of a JSON array of stand-ins are of erased people, and since when.
SELECT recipient, added_at FROM do_not_contact WHERE workspace_id = $1
  AND recipient IN (SELECT value FROM json_each($2)) AND source = 'erasure';

-- name: lock_recipient
-- The writer is alone, so no message to this person is being reserved.
SELECT $1;
