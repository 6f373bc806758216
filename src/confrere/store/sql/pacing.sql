-- Pacing and the care of sessions: what both engines say alike.

-- ---- pacing ----

-- name: list_recent
-- When the account's latest sends took their units, as far as they hold them, of those with ids from $2 on. The sum keeps the
-- planner from the index of all that ever held one.
SELECT created_at FROM sends WHERE account_id = $1 AND id >= $2 AND holds_unit + 0 = 1 ORDER BY created_at DESC LIMIT $3;

-- name: was_contacted
-- Whether a row of the account to this person holds a unit.
SELECT 1 FROM sends WHERE account_id = $1 AND recipient = $2 AND holds_unit = 1 LIMIT 1;

-- name: read_workspace_pacing
-- The workspace's own rules: about sends, and about calls.
SELECT pacing, calls_per_minute FROM workspaces WHERE id = $1;

-- name: lock_workspace
-- The same, kept from others: an account that is connected meanwhile must not miss a change.
SELECT pacing, calls_per_minute FROM workspaces WHERE id = $1 FOR UPDATE;

-- name: read_account_pacing
-- The account's own rules.
SELECT pacing FROM accounts WHERE workspace_id = $1 AND id = $2;

-- name: list_account_pacings
-- The rules of all accounts that have any of their own.
SELECT pacing FROM accounts WHERE workspace_id = $1 AND pacing IS NOT NULL;

-- name: change_workspace_pacing
-- The workspace has these rules.
UPDATE workspaces SET pacing = $2, calls_per_minute = $3 WHERE id = $1;

-- name: change_account_pacing
-- The account has these rules.
UPDATE accounts SET pacing = $2 WHERE id = $1;

-- name: spread_pacing
-- All rules that apply stand with each account, or with the one named: what a claim needs in one look.
UPDATE accounts SET rules = CASE
  WHEN pacing IS NULL AND (SELECT w.pacing FROM workspaces w WHERE w.id = workspace_id) IS NULL THEN NULL
  ELSE '[' || COALESCE((SELECT w.pacing FROM workspaces w WHERE w.id = workspace_id), 'null') || ','
    || COALESCE(pacing, 'null') || ']' END
WHERE workspace_id = $1 AND (CAST($2 AS TEXT) IS NULL OR id = $2);

-- ---- care of sessions ----

-- name: list_silent
-- Accounts whose session could be used and was not probed after $2, with when they last took a unit: what was used since then
-- is in a window that began after $3, a day earlier.
SELECT a.id, a.probed_at, (SELECT MAX(q.last_taken_at) FROM quotas q WHERE q.account_id = a.id
  AND q.action IN ('MESSAGE', 'GROUP_MEMBERS') AND q.window_start > $3)
FROM accounts a WHERE a.enabled = 1 AND a.status <> 'ERROR' AND a.session IS NOT NULL AND a.probed_at <= $2
  AND (a.hold_until IS NULL OR a.hold_until <= $1)
ORDER BY a.probed_at, a.id;

-- name: claim_probe
-- Whoever changes the row is the one who asks.
UPDATE accounts SET probed_at = $3 WHERE id = $1 AND probed_at = $2 RETURNING {account};

-- name: count_accounts
-- How many accounts are in which condition, in all workspaces.
SELECT s.condition, COUNT(*) FROM (SELECT CASE
    WHEN a.enabled = 0 THEN 'disabled'
    WHEN a.session IS NULL THEN 'disconnected'
    WHEN a.status = 'ERROR' THEN 'error'
    WHEN a.hold_until > $1 THEN 'held'
    ELSE 'available' END AS condition FROM accounts a) s
GROUP BY s.condition;
