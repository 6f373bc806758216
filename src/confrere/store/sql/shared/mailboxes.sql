-- Mailboxes that are polled for replies.

-- name: list_new_senders
-- Accounts that have sent since $1, and whose mailbox is not polled.
SELECT a.id, a.workspace_id FROM accounts a
WHERE NOT EXISTS (SELECT 1 FROM mailboxes m WHERE m.account_id = a.id AND m.next_at IS NOT NULL)
  AND EXISTS (SELECT 1 FROM quotas q
    WHERE q.account_id = a.id AND q.action = 'MESSAGE' AND q.window_start >= $1 AND q.used > 0)
LIMIT 1000;

-- name: add_mailbox
-- It is due at $3, unless it is polled already.
INSERT INTO mailboxes (account_id, workspace_id, next_at) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE SET next_at = COALESCE(mailboxes.next_at, excluded.next_at);

-- name: is_mailbox_due
-- Whether there is anything to claim.
SELECT 1 FROM mailboxes WHERE next_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) LIMIT 1;

-- name: find_due_mailboxes
-- The longest due first, each with whether its account has sent since $3; locked ones are another worker's.
SELECT m.account_id, m.workspace_id,
  CASE WHEN EXISTS (SELECT 1 FROM quotas q
    WHERE q.account_id = m.account_id AND q.action = 'MESSAGE' AND q.window_start >= $3 AND q.used > 0) THEN 1 ELSE 0 END,
  m.sync_token, m.interval_us, m.polled_at, m.failing_since, m.last_error
FROM mailboxes m WHERE m.next_at <= $1 AND (m.lease_until IS NULL OR m.lease_until <= $1)
ORDER BY m.next_at LIMIT $2 FOR UPDATE SKIP LOCKED;

-- name: lease_mailbox
-- Where the process hangs, the mailbox is due at the end of the lease.
UPDATE mailboxes SET owner = $2, lease_until = $3, next_at = $3 WHERE account_id = $1;

-- name: list_leased_mailboxes
-- Who polls which.
SELECT account_id, owner, lease_until FROM mailboxes WHERE lease_until IS NOT NULL;

-- name: free_mailbox
-- Its process is dead.
UPDATE mailboxes SET lease_until = NULL, next_at = CASE WHEN next_at < $4 THEN next_at ELSE $4 END
WHERE account_id = $1 AND owner = $2 AND lease_until = $3;

-- name: release_mailbox
-- By the one who holds the lease.
UPDATE mailboxes SET next_at = CAST(:next_at AS BIGINT), sync_token = :sync_token, interval_us = :interval_us,
  polled_at = CAST(:polled_at AS BIGINT), failing_since = CAST(:failing_since AS BIGINT), last_error = :last_error,
  lease_until = NULL
WHERE account_id = :account_id AND owner = :owner AND lease_until = :lease_until;

-- name: count_failing_mailboxes
-- Which no poll could read since then.
SELECT COUNT(*) FROM mailboxes WHERE failing_since <= $1;
