-- Whether a claim repeats an earlier send.

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
-- A send whose process is gone or late; conditional, because it may be settled at the same time. Its caller has no
-- certain answer by now, so that an outcome that becomes certain later was not delivered.
UPDATE sends SET outcome = 'unknown', answer = 'lost', reason = $2, ended_at = $3, settled_at = $3, look_at = $3
WHERE id = $1 AND outcome = 'in_flight' RETURNING campaign_person_id;

-- name: read_account_quota
-- The daily limit, what is used of the window that begins at $2, and the rules of pacing. SQLite would plan a join anew
-- each time.
SELECT a.daily_limit,
  COALESCE((SELECT q.used FROM quotas q WHERE q.account_id = a.id AND q.action = 'MESSAGE' AND q.window_start = $2), 0),
  (SELECT q.last_taken_at FROM quotas q WHERE q.account_id = a.id AND q.action = 'MESSAGE' AND q.window_start = $2),
  a.rules
FROM accounts a WHERE a.id = $1;
