-- Accounts, their sessions, and which of them are idle.

-- name: connect_account
-- A member who is known in the workspace keeps id, settings and hold. No row is returned where another workspace has them:
-- a member has one day of messages, wherever they are connected.
INSERT INTO accounts (id, workspace_id, profile_urn, first_name, last_name, public_id, picture, premium, status,
  daily_limit, session, session_version, session_since, created_at, probed_at, connected_at, answered_at)
VALUES (:account_id, :workspace_id, :profile_urn, :first_name, :last_name, :public_id, :picture, :premium, 'AVAILABLE',
  :daily_limit, :session, 1, 1, :now, :now, :now, :now)
ON CONFLICT (profile_urn) DO UPDATE SET
  first_name = excluded.first_name, last_name = excluded.last_name, public_id = excluded.public_id,
  picture = COALESCE(excluded.picture, accounts.picture), premium = COALESCE(excluded.premium, accounts.premium),
  status = excluded.status, status_reason = NULL,
  session = excluded.session, session_version = accounts.session_version + 1,
  session_since = accounts.session_version + 1, probed_at = excluded.probed_at,
  connected_at = excluded.connected_at, answered_at = excluded.answered_at
WHERE accounts.workspace_id = excluded.workspace_id
RETURNING id;

-- name: choose_default
-- The first account of a workspace is its default one.
UPDATE workspaces SET default_account_id = $2 WHERE id = $1 AND default_account_id IS NULL;

-- name: change_default
-- Another account is the workspace's default one.
UPDATE workspaces SET default_account_id = $2
WHERE id = $1 AND (default_account_id IS NULL OR default_account_id <> $2) RETURNING id;

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

-- name: begins_hold
-- The workspace of the account if a hold until $2 stops it at $3; none where it is held already.
SELECT a.workspace_id FROM accounts a WHERE a.id = $1 AND CAST($2 AS BIGINT) > CAST($3 AS BIGINT)
  AND (a.hold_until IS NULL OR a.hold_until <= CAST($3 AS BIGINT)) FOR UPDATE;

-- name: begins_error
-- The workspace of the account if the end of its session, or of one up to version $2, is news.
SELECT a.workspace_id FROM accounts a WHERE a.id = $1 AND a.status <> 'ERROR'
  AND (CAST($2 AS BIGINT) IS NULL OR a.session_since <= CAST($2 AS BIGINT)) FOR UPDATE;

-- name: hold_account
-- The account rests; a longer hold is never shortened.
UPDATE accounts SET hold_until = $2 WHERE id = $1 AND (hold_until IS NULL OR hold_until < $2);

-- name: set_status
-- How the account is, unless a session later than version $4 was connected.
UPDATE accounts SET status = $2, status_reason = $3
WHERE id = $1 AND (CAST($4 AS BIGINT) IS NULL OR session_since <= $4) RETURNING id;

-- name: lock_account
-- One account, kept from others until the transaction ends.
SELECT {account} FROM accounts WHERE workspace_id = $1 AND id = $2 FOR UPDATE;

-- name: update_account
-- What is given is changed, what is null stays; release_hold releases the hold.
UPDATE accounts SET daily_limit = COALESCE(CAST(:daily_limit AS BIGINT), daily_limit),
  enabled = COALESCE(CAST(:enabled AS INTEGER), enabled),
  hold_until = CASE WHEN CAST(:release_hold AS INTEGER) = 1 THEN NULL ELSE hold_until END
WHERE workspace_id = :workspace_id AND id = :account_id RETURNING id;

-- name: count_as_sent
-- At least $3 messages of the day that begins at $2 are used.
INSERT INTO quotas (account_id, action, window_start, used, last_taken_at) VALUES ($1, 'MESSAGE', $2, $3, $4)
ON CONFLICT (account_id, action, window_start) DO UPDATE
SET used = CASE WHEN quotas.used < excluded.used THEN excluded.used ELSE quotas.used END;

-- name: count_uncertain
-- The account's sends of the day $2, which began with the id $3, of which nobody knows yet whether LinkedIn has them.
SELECT COUNT(*) FROM sends
WHERE account_id = $1 AND id >= $3 AND window_start = $2 AND outcome IN ('in_flight', 'unknown');

-- name: begin_looking
-- The account is released, and looks for messages of the lost time until $2 at least.
UPDATE accounts SET looks_until = $2 WHERE id = $1;

-- name: end_looking
-- Every message of the account is in a row, or a person says so.
UPDATE accounts SET lost_from = NULL, lost_until = NULL, looks_until = NULL WHERE id = $1 RETURNING id;

-- name: end_looking_in_time
-- The time is over, and no campaign that the backup held is left whose people may have been written to in the lost time.
UPDATE accounts SET lost_from = NULL, lost_until = NULL, looks_until = NULL
WHERE looks_until <= $1 AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.account_id = accounts.id
  AND c.status IN ('scheduled', 'running', 'paused') AND c.created_at <= accounts.lost_until) RETURNING id;

-- name: disconnect_account
-- The session is erased; its version is not, so that no cache takes the next one for it.
UPDATE accounts SET session = NULL, session_version = session_version + 1, session_since = session_version + 1,
  connected_at = NULL, answered_at = NULL
WHERE workspace_id = $1 AND id = $2 RETURNING id;

-- name: list_idle
-- Accounts whose session could be used and was not probed after $2, with when they last took a unit: what was used since then
-- is in a window that began after $3, a day earlier.
SELECT a.id, a.probed_at, (SELECT MAX(q.last_taken_at) FROM quotas q WHERE q.account_id = a.id
  AND q.action IN ('MESSAGE', 'GROUP_MEMBERS') AND q.window_start > $3)
FROM accounts a WHERE a.enabled = 1 AND a.status <> 'ERROR' AND a.session IS NOT NULL AND a.probed_at <= $2
  AND (a.hold_until IS NULL OR a.hold_until <= $1)
ORDER BY a.probed_at, a.id;

-- name: claim_probe
-- Only the caller that changes the row makes the probe.
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
