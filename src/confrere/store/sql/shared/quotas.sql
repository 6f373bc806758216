-- Units of windows.

-- name: read_quotas
-- The daily limit, what is used of each action in its window, and the rules of pacing.
SELECT a.daily_limit, q.action, q.used, q.last_taken_at, a.rules FROM accounts a
LEFT JOIN quotas q ON q.account_id = a.id AND (
  (q.action IN ('MESSAGE', 'GROUP_MEMBERS') AND q.window_start = $2)
  OR (q.action = 'GROUP_FIRST_CONTACT' AND q.window_start = $3))
WHERE a.id = $1;

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
-- Several units, unless that would pass the limit: no row comes back then.
UPDATE quotas SET used = used + :count, last_taken_at = :now
WHERE account_id = :account_id AND action = :action AND window_start = :window_start AND used + :count <= :limit
RETURNING used, last_taken_at;

-- name: give_units_back
-- Several units back into the window they were taken from.
UPDATE quotas SET used = CASE WHEN used > $4 THEN used - $4 ELSE 0 END
WHERE account_id = $1 AND action = $2 AND window_start = $3;
