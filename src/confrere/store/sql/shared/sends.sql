-- The rows of sends: reading, listing, reconciling.

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
-- Newest first: identifiers grow with time.
SELECT {send} FROM sends WHERE account_id = :owner AND {send_filter}
ORDER BY id DESC LIMIT :count;

-- name: search_sends
-- The same over all accounts of a workspace, along the primary key.
SELECT {send} FROM sends WHERE workspace_id = :owner AND {send_filter}
ORDER BY id DESC LIMIT :count;

-- name: search_failed_sends
-- The same of one of the outcomes that hold no unit.
SELECT {send} FROM sends INDEXED BY sends_failed
WHERE workspace_id = :owner AND outcome = :outcome AND holds_unit = 0 AND {send_filter}
ORDER BY id DESC LIMIT :count;

-- name: search_unknown_sends
-- The same of the unknown ones: few at any time, in an index of their own.
SELECT {send} FROM sends INDEXED BY sends_unknown WHERE workspace_id = :owner AND outcome = 'unknown' AND {send_filter}
ORDER BY id DESC LIMIT :count;

-- name: search_in_flight_sends
-- The same of those in flight.
SELECT {send} FROM sends INDEXED BY sends_in_flight WHERE workspace_id = :owner AND outcome = 'in_flight' AND {send_filter}
ORDER BY id DESC LIMIT :count;

-- name: search_sends_to
-- The same to one recipient: what holds a unit by account, and the rest.
SELECT {send} FROM sends INDEXED BY sends_contacted
WHERE account_id IN (SELECT a.id FROM accounts a WHERE a.workspace_id = :owner) AND recipient = :recipient AND holds_unit = 1
  AND {send_filter}
UNION ALL
SELECT {send} FROM sends INDEXED BY sends_failed
WHERE workspace_id = :owner AND outcome IN ('refused', 'throttled', 'session_dead', 'not_sent') AND holds_unit = 0
  AND recipient = :recipient AND {send_filter}
ORDER BY id DESC LIMIT :count;

-- name: count_sends_by_day
-- Counting the rows of a month would read all of them. Those that hold a unit are counted by their account's quota of the
-- day already; `held` is what it has of accepted, unknown and in flight together.
SELECT q.window_start, q.account_id, 'held', q.used FROM accounts a
  JOIN quotas q ON q.account_id = a.id AND q.action = 'MESSAGE' AND q.window_start >= $2 WHERE a.workspace_id = $1
UNION ALL
SELECT window_start, account_id, outcome, COUNT(*) FROM sends INDEXED BY sends_unknown
WHERE workspace_id = $1 AND outcome = 'unknown' AND window_start >= $2 GROUP BY window_start, account_id, outcome
UNION ALL
SELECT window_start, account_id, outcome, COUNT(*) FROM sends INDEXED BY sends_in_flight
WHERE workspace_id = $1 AND outcome = 'in_flight' AND window_start >= $2 GROUP BY window_start, account_id, outcome
UNION ALL
SELECT window_start, account_id, outcome, COUNT(*) FROM sends INDEXED BY sends_failed
WHERE workspace_id = $1 AND outcome IN ('refused', 'throttled', 'session_dead', 'not_sent') AND holds_unit = 0
  AND window_start >= $2 AND id >= $3
GROUP BY window_start, account_id, outcome;

-- name: count_unknown_by_account
-- Count the workspace's sends whose outcome is unknown.
SELECT account_id, COUNT(*) FROM sends INDEXED BY sends_unknown
WHERE workspace_id = $1 AND outcome = 'unknown' GROUP BY account_id;

-- name: list_last_refusals
-- The newest refused send of each of the workspace's accounts.
SELECT {send} FROM sends WHERE id IN (SELECT MAX(f.id) FROM sends f INDEXED BY sends_failed
  WHERE f.workspace_id = $1 AND f.outcome = 'refused' AND f.holds_unit = 0 GROUP BY f.account_id);

-- name: read_history
-- One row with what happened to it, and around it.
SELECT {send}, answer, looks, look_at, holds_unit, idempotency_key FROM sends WHERE id = $1 AND workspace_id = $2;

-- name: find_recipient
-- To whom the account's plain messages into this conversation went.
SELECT recipient FROM sends WHERE account_id = $1 AND conversation_urn = $2 AND group_id = '' LIMIT 1;

-- name: list_in_flight
-- Every send that is under way, or was when its process ended.
SELECT id, owner, lease_until FROM sends WHERE outcome = 'in_flight';

-- name: claim_due
-- Unknown rows that are due, the longest waiting first; locked ones are another worker's.
SELECT id, looks FROM sends WHERE outcome = 'unknown' AND look_at <= $1
ORDER BY look_at LIMIT $2 FOR UPDATE SKIP LOCKED;

-- name: schedule_next_search
-- The row is due again at $2.
UPDATE sends SET look_at = $2, looks = looks + 1 WHERE id = $1 RETURNING {send};

-- name: record_absent
-- LinkedIn was read without the message; the first such time is kept.
UPDATE sends SET absent_at = COALESCE(absent_at, $2) WHERE id = $1;

-- name: count_unknown
-- Count the sends whose outcome is unknown.
SELECT COUNT(*) FROM sends WHERE outcome = 'unknown';

-- name: close_old
-- Rows whose end lies further back than a repeat may: the index on is_open stays tiny.
UPDATE sends SET is_open = 0 WHERE is_open = 1 AND ended_at <= $1;

-- name: delete_old_keys
-- Idempotency keys that are kept no longer.
DELETE FROM idempotency_keys WHERE created_at <= $1;

-- name: lock_found
-- A send in flight whose message was sent earlier, kept from others; none where it was placed already.
SELECT account_id, window_start, first_contact_window FROM sends
WHERE id = $1 AND outcome = 'in_flight' AND message_urn IS NULL FOR UPDATE;

-- name: place_found
-- Its message belongs to the day $2, and as a first contact to the month $3.
UPDATE sends SET window_start = $2, first_contact_window = CAST($3 AS BIGINT), message_urn = $4 WHERE id = $1;

-- name: count_units
-- The account's messages of the day $2, which began with the id $3.
SELECT COUNT(DISTINCT COALESCE(message_urn, id)) FROM sends
WHERE account_id = $1 AND id >= $3 AND window_start = $2 AND holds_unit = 1;
