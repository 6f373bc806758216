-- What both engines say alike. Each query: its name, one sentence, the SQL with parameters $1, $2 …

-- ---- the database itself ----

-- name: find_migration_number
-- The newest migration that the database has had.
SELECT COALESCE(MAX(number), 0) FROM migrations;

-- name: note_migration
-- A migration has been applied.
INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, $3);

-- name: read_meta
-- One fact about the database.
SELECT value FROM meta WHERE key = $1;

-- name: add_meta
-- The first to say it is right.
INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING;

-- name: change_meta
-- Only from what was read, so that two rotations at once cannot lose a secret.
UPDATE meta SET value = $3 WHERE key = $1 AND value = $2;

-- name: ping
-- Whether the engine answers and the schema is there.
SELECT COUNT(*) FROM meta;

-- ---- repeats ----

-- name: resolve_account
-- The account that a claim means: the one it names, or the workspace's default one.
SELECT a.id FROM accounts a WHERE a.workspace_id = $1
  AND a.id = COALESCE(CAST($2 AS TEXT), (SELECT w.default_account_id FROM workspaces w WHERE w.id = $1));

-- name: find_key
-- An idempotency key with the state of the send that claimed it.
SELECT k.send_id, k.fingerprint, k.requested_account, k.created_at, s.account_id, s.outcome, s.owner, s.lease_until
FROM idempotency_keys k JOIN sends s ON s.id = k.send_id WHERE k.workspace_id = $1 AND k.key = $2;

-- name: list_open
-- Identical sends that may have to be joined, the newest first; the partial index on is_open keeps this one small.
SELECT id, outcome, owner, answer, lease_until, ended_at FROM sends
WHERE fingerprint = $1 AND is_open = 1 AND account_id = $2 ORDER BY created_at DESC, id DESC;

-- name: read_rules
-- The rules of pacing that apply to an account.
SELECT rules FROM accounts WHERE id = $1;

-- name: find_answered
-- The latest identical send that was accepted after $4, and whose caller knows.
SELECT id FROM sends WHERE account_id = $1 AND recipient = $2 AND holds_unit = 1 AND fingerprint = $3
  AND outcome = 'accepted' AND answer = 'delivered' AND settled_at > $4 ORDER BY settled_at DESC LIMIT 1;

-- name: make_unknown
-- A send whose process is gone or late; conditional, because it may be settling itself this very moment. Its caller has no
-- certain answer by now, so that whatever becomes certain later has reached nobody.
UPDATE sends SET outcome = 'unknown', answer = 'lost', reason = $2, ended_at = $3, settled_at = $3, look_at = $3
WHERE id = $1 AND outcome = 'in_flight' RETURNING id;

-- name: read_account_quota
-- The daily limit, what is used of the window that begins at $2, and the rules of pacing. Were it a join, SQLite would plan it
-- anew each time.
SELECT a.daily_limit,
  COALESCE((SELECT q.used FROM quotas q WHERE q.account_id = a.id AND q.action = 'MESSAGE' AND q.window_start = $2), 0),
  (SELECT q.last_taken_at FROM quotas q WHERE q.account_id = a.id AND q.action = 'MESSAGE' AND q.window_start = $2),
  a.rules
FROM accounts a WHERE a.id = $1;

-- ---- the ledger ----

-- name: read_send
-- One row.
SELECT {send} FROM sends WHERE id = $1 AND workspace_id = $2;

-- name: read_send_by_id
-- One row that a claim of the same workspace led to.
SELECT {send} FROM sends WHERE id = $1;

-- name: read_text
-- The sealed text of one row.
SELECT text FROM sends WHERE id = $1 AND workspace_id = $2;

-- name: list_sends
-- Newest first: identifiers grow with time. They are hexadecimal, so 'g' is after all of them; with OR in its place every
-- page would be looked for from the newest row on.
SELECT {send} FROM sends WHERE account_id = $1
  AND id < COALESCE(CAST($2 AS TEXT), 'g')
  AND (CAST($3 AS TEXT) IS NULL OR outcome = $3)
  AND (CAST($4 AS TEXT) IS NULL OR group_id = $4)
  AND (CAST($5 AS TEXT) IS NULL OR recipient = $5)
  AND (CAST($6 AS BIGINT) IS NULL OR created_at >= $6)
  AND (CAST($7 AS BIGINT) IS NULL OR created_at < $7)
ORDER BY id DESC LIMIT $8;

-- name: search_sends
-- The same over all accounts of a workspace, along the primary key.
SELECT {send} FROM sends WHERE workspace_id = $1
  AND id < COALESCE(CAST($2 AS TEXT), 'g')
  AND (CAST($3 AS TEXT) IS NULL OR outcome = $3)
  AND (CAST($4 AS TEXT) IS NULL OR group_id = $4)
  AND (CAST($5 AS TEXT) IS NULL OR recipient = $5)
  AND (CAST($6 AS BIGINT) IS NULL OR created_at >= $6)
  AND (CAST($7 AS BIGINT) IS NULL OR created_at < $7)
ORDER BY id DESC LIMIT $8;

-- name: read_history
-- One row with what happened to it, and around it.
SELECT {send}, answer, looks, look_at, holds_unit, idempotency_key FROM sends WHERE id = $1 AND workspace_id = $2;

-- name: list_in_flight
-- Every send that is under way, or was when its process ended.
SELECT id, owner, lease_until FROM sends WHERE outcome = 'in_flight';

-- name: claim_due
-- Unknown rows that are due, the longest waiting first; locked ones are another worker's.
SELECT id, looks FROM sends WHERE outcome = 'unknown' AND look_at <= $1
ORDER BY look_at LIMIT $2 FOR UPDATE SKIP LOCKED;

-- name: note_look
-- The row is due again at $2.
UPDATE sends SET look_at = $2, looks = looks + 1 WHERE id = $1 RETURNING {send};

-- name: note_absent
-- LinkedIn was read without the message; the first such time is kept.
UPDATE sends SET absent_at = COALESCE(absent_at, $2) WHERE id = $1;

-- name: read_quotas
-- The daily limit, what is used of each action in its window, and the rules of pacing.
SELECT a.daily_limit, q.action, q.used, q.last_taken_at, a.rules FROM accounts a
LEFT JOIN quotas q ON q.account_id = a.id AND (
  (q.action IN ('MESSAGE', 'GROUP_MEMBERS') AND q.window_start = $2)
  OR (q.action = 'GROUP_FIRST_CONTACT' AND q.window_start = $3))
WHERE a.id = $1;

-- name: count_unknown
-- How many sends nobody knows the fate of.
SELECT COUNT(*) FROM sends WHERE outcome = 'unknown';

-- name: close_old
-- Rows whose end lies further back than a repeat may: the index on is_open stays tiny.
UPDATE sends SET is_open = 0 WHERE is_open = 1 AND ended_at <= $1;

-- name: forget_keys
-- Idempotency keys that are kept no longer.
DELETE FROM idempotency_keys WHERE created_at <= $1;

-- ---- units of what is read ----

-- name: open_window
-- A window begins with nothing used.
INSERT INTO quotas (account_id, action, window_start, used, last_taken_at) VALUES ($1, $2, $3, 0, $4)
ON CONFLICT (account_id, action, window_start) DO NOTHING;

-- name: lock_window
-- What is used of a window, kept from others until the transaction ends; and when the newest window began.
SELECT used, last_taken_at,
  (SELECT MAX(n.window_start) FROM quotas n WHERE n.account_id = $1 AND n.action = $2)
FROM quotas WHERE account_id = $1 AND action = $2 AND window_start = $3 FOR UPDATE;

-- name: read_window
-- What is used of a window.
SELECT used, last_taken_at FROM quotas WHERE account_id = $1 AND action = $2 AND window_start = $3;

-- name: take_units
-- Several units, unless that would pass the limit $5: no row comes back then.
UPDATE quotas SET used = used + $4, last_taken_at = $6
WHERE account_id = $1 AND action = $2 AND window_start = $3 AND used + $4 <= $5 RETURNING used, last_taken_at;

-- name: give_units_back
-- Several units back into the window they were taken from.
UPDATE quotas SET used = CASE WHEN used > $4 THEN used - $4 ELSE 0 END
WHERE account_id = $1 AND action = $2 AND window_start = $3;

-- ---- accounts ----

-- name: ensure_workspace
-- A workspace begins with its first account.
INSERT INTO workspaces (id) VALUES ($1) ON CONFLICT (id) DO NOTHING;

-- name: connect_account
-- A member who is known in the workspace keeps id, settings and hold.
INSERT INTO accounts (id, workspace_id, profile_urn, first_name, last_name, public_id, picture, premium, status,
  daily_limit, session, session_version, session_since, created_at, probed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'AVAILABLE', $9, $10, 1, 1, $11, $11)
ON CONFLICT (workspace_id, profile_urn) DO UPDATE SET
  first_name = excluded.first_name, last_name = excluded.last_name, public_id = excluded.public_id,
  picture = COALESCE(excluded.picture, accounts.picture), premium = COALESCE(excluded.premium, accounts.premium),
  status = excluded.status, status_reason = NULL,
  session = excluded.session, session_version = accounts.session_version + 1,
  session_since = accounts.session_version + 1, probed_at = excluded.probed_at
RETURNING id;

-- name: choose_default
-- The first account of a workspace is its default one.
UPDATE workspaces SET default_account_id = $2 WHERE id = $1 AND default_account_id IS NULL;

-- name: change_default
-- Another account is the workspace's default one.
UPDATE workspaces SET default_account_id = $2 WHERE id = $1;

-- name: list_accounts
-- The default one first, then by name.
SELECT {account} FROM accounts WHERE workspace_id = $1 ORDER BY 12 DESC, first_name, last_name, id;

-- name: read_account
-- The account that is named, or the workspace's default one.
SELECT {account} FROM accounts WHERE workspace_id = $1
  AND id = COALESCE(CAST($2 AS TEXT), (SELECT default_account_id FROM workspaces x WHERE x.id = $1));

-- name: read_session
-- The sealed session and its version.
SELECT session, session_version FROM accounts WHERE id = $1 AND session IS NOT NULL;

-- name: lock_session
-- The sealed session, kept from others until the transaction ends; none where one later than version $2 was connected.
SELECT session FROM accounts WHERE id = $1 AND session IS NOT NULL
  AND (CAST($2 AS BIGINT) IS NULL OR session_since <= $2) FOR UPDATE;

-- name: change_session
-- The session has changed.
UPDATE accounts SET session = $2, session_version = session_version + 1 WHERE id = $1;

-- name: hold_account
-- The account rests; a longer hold is never shortened.
UPDATE accounts SET hold_until = $2 WHERE id = $1 AND (hold_until IS NULL OR hold_until < $2);

-- name: set_status
-- How the account is, unless a session later than version $4 was connected.
UPDATE accounts SET status = $2, status_reason = $3
WHERE id = $1 AND (CAST($4 AS BIGINT) IS NULL OR session_since <= $4) RETURNING id;

-- name: update_account
-- What is given is changed, what is null stays; $5 releases the hold.
UPDATE accounts SET daily_limit = COALESCE(CAST($3 AS BIGINT), daily_limit),
  enabled = COALESCE(CAST($4 AS INTEGER), enabled),
  hold_until = CASE WHEN CAST($5 AS INTEGER) = 1 THEN NULL ELSE hold_until END
WHERE workspace_id = $1 AND id = $2 RETURNING id;

-- name: disconnect_account
-- The session is erased; its version is not, so that no cache takes the next one for it.
UPDATE accounts SET session = NULL, session_version = session_version + 1, session_since = session_version + 1
WHERE workspace_id = $1 AND id = $2 RETURNING id;

-- ---- keys ----

-- name: find_caller
-- Whom a key speaks for.
SELECT id, workspace_id, scopes, expires_at,
  (SELECT w.calls_per_minute FROM workspaces w WHERE w.id = api_keys.workspace_id)
FROM api_keys WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2);

-- name: add_key
-- What is kept of a key.
INSERT INTO api_keys (id, workspace_id, name, visible_part, hash, scopes, created_at, expires_at, revoked_at, last_used_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: list_keys
-- All of a workspace's keys, the newest first.
SELECT {api_key} FROM api_keys WHERE workspace_id = $1 ORDER BY created_at DESC, id DESC;

-- name: revoke_key
-- The first revocation is the one that counts.
UPDATE api_keys SET revoked_at = COALESCE(revoked_at, $3) WHERE workspace_id = $1 AND id = $2 RETURNING {api_key};

-- ---- do not contact ----

-- name: remove_opt_out
-- The recipient may be written to again.
DELETE FROM do_not_contact WHERE workspace_id = $1 AND recipient = $2 RETURNING recipient;

-- name: read_opt_out
-- Whether this person is on the list.
SELECT {opt_out} FROM do_not_contact WHERE workspace_id = $1 AND recipient = $2;

-- name: list_opt_outs
-- In the order of the recipients.
SELECT {opt_out} FROM do_not_contact WHERE workspace_id = $1 AND (CAST($2 AS TEXT) IS NULL OR recipient > $2)
ORDER BY recipient LIMIT $3;

-- ---- vitals ----

-- name: beat
-- A process lives, and its clock says $2.
INSERT INTO processes (instance, beat_at, is_worker) VALUES ($1, $2, $3)
ON CONFLICT (instance) DO UPDATE SET beat_at = excluded.beat_at, is_worker = excluded.is_worker;

-- name: list_beats
-- The latest beat of every other process.
SELECT instance, beat_at FROM processes WHERE instance <> $1;

-- name: forget_process
-- A process that is gone, or hangs.
DELETE FROM processes WHERE instance = $1;

-- name: is_worker_alive
-- Whether a worker has beaten since $1; a beat later than $2 is of a clock that was wrong.
SELECT 1 FROM processes WHERE is_worker = 1 AND beat_at BETWEEN $1 AND $2 LIMIT 1;

-- name: count_ahead
-- Accounts that have taken units of a day after $1.
SELECT COUNT(*) FROM accounts a WHERE EXISTS (SELECT 1 FROM quotas q
  WHERE q.account_id = a.id AND q.action = 'MESSAGE' AND q.window_start > $1);

-- ---- units of days that have not come ----

-- name: list_ahead
-- Accounts with units of a window after $1.
SELECT DISTINCT account_id FROM quotas WHERE window_start > $1;

-- name: move_units_back
-- What was used of later windows of the action counts in the one that begins at $3.
INSERT INTO quotas (account_id, action, window_start, used, last_taken_at)
SELECT account_id, action, $3, SUM(used), $4 FROM quotas
WHERE account_id = $1 AND action = $2 AND window_start > $3 GROUP BY account_id, action
ON CONFLICT (account_id, action, window_start)
DO UPDATE SET used = quotas.used + excluded.used, last_taken_at = excluded.last_taken_at;

-- name: forget_later_windows
-- They have been counted elsewhere.
DELETE FROM quotas WHERE account_id = $1 AND action = $2 AND window_start > $3;

-- name: move_sends_back
-- The sends whose units were moved: to the day $2, and as first contacts to the month $3.
UPDATE sends SET window_start = CASE WHEN window_start > $2 THEN $2 ELSE window_start END,
  first_contact_window = CASE WHEN first_contact_window > $3 THEN $3 ELSE first_contact_window END
WHERE account_id = $1 AND (window_start > $2 OR first_contact_window > $3);

-- ---- rotation of the secret key ----

-- name: count_secrets
-- How many rows hold a secret.
SELECT (SELECT COUNT(*) FROM sends) + (SELECT COUNT(*) FROM accounts WHERE session IS NOT NULL) + 1;

-- name: list_texts
-- Sealed texts after a row, in the order of the ids.
SELECT id, text FROM sends WHERE id > $1 ORDER BY id LIMIT $2;

-- name: reseal_text
-- The same text under another key; a text never changes otherwise.
UPDATE sends SET text = $2 WHERE id = $1;

-- name: list_sessions
-- All sealed sessions.
SELECT id, session FROM accounts WHERE session IS NOT NULL;

-- name: reseal_session
-- The same session under another key, unless cookies were refreshed meanwhile (then it is under the newest already).
UPDATE accounts SET session = $3 WHERE id = $1 AND session = $2;
