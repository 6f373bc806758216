-- Beats of processes, and units of days that have not come.

-- name: beat
-- Record that a process is alive, and that its clock is at $2.
INSERT INTO processes (instance, beat_at, is_worker) VALUES ($1, $2, $3)
ON CONFLICT (instance) DO UPDATE SET beat_at = excluded.beat_at, is_worker = excluded.is_worker;

-- name: list_beats
-- The latest beat of every other process.
SELECT instance, beat_at FROM processes WHERE instance <> $1;

-- name: list_processes
-- The latest beat of each process.
SELECT instance, beat_at, is_worker FROM processes ORDER BY is_worker DESC, instance LIMIT 50;

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
