-- The rules of pacing, and what a claim is compared with.

-- name: list_recent
-- When the account's latest sends took their units, as far as they hold them, of those with ids from $2 on. The sum keeps the
-- planner from the index of all that ever held one.
SELECT created_at FROM sends WHERE account_id = $1 AND id >= $2 AND holds_unit + 0 = 1 ORDER BY created_at DESC LIMIT $3;

-- name: was_contacted
-- Whether a row of the account to this person holds a unit.
SELECT 1 FROM sends WHERE account_id = $1 AND recipient = $2 AND holds_unit = 1 LIMIT 1;

-- name: read_workspace_of
-- Whose account it is.
SELECT workspace_id FROM accounts WHERE id = $1;

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
-- Copy all rules that apply to each account, or to the one named, so that a claim reads one row.
UPDATE accounts SET rules = CASE
  WHEN pacing IS NULL AND (SELECT w.pacing FROM workspaces w WHERE w.id = workspace_id) IS NULL THEN NULL
  ELSE '[' || COALESCE((SELECT w.pacing FROM workspaces w WHERE w.id = workspace_id), 'null') || ','
    || COALESCE(pacing, 'null') || ']' END
WHERE workspace_id = $1 AND (CAST($2 AS TEXT) IS NULL OR id = $2);
