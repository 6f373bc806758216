-- Lanes: the accounts' turns to send messages of campaigns.

-- name: wake_lane
-- The account has something to do at $3, or earlier.
INSERT INTO lanes (account_id, workspace_id, next_at) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE SET next_at = excluded.next_at, reason = NULL
WHERE lanes.next_at IS NULL OR lanes.next_at > excluded.next_at;

-- name: wake_lanes_of_person
-- A hold has ended, or begun. The spread goes on as before.
UPDATE lanes SET next_at = $3 WHERE (next_at IS NULL OR next_at > $3) AND reason IS NULL AND account_id IN (
  SELECT c.account_id FROM campaign_people p JOIN campaigns c ON c.id = p.campaign_id
  WHERE p.recipient = $2 AND p.workspace_id = $1 AND p.status = 'waiting');

-- name: is_lane_due
-- Whether there is anything to claim.
SELECT 1 FROM lanes WHERE next_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) LIMIT 1;

-- name: lease_due_lanes
-- The longest due first; locked ones are another worker's. A lane's next time is the lease's end, so that a lane that is
-- woken meanwhile is seen to be.
WITH due AS MATERIALIZED (SELECT l.account_id FROM lanes l
  WHERE l.next_at <= $1 AND (l.lease_until IS NULL OR l.lease_until <= $1) ORDER BY l.next_at LIMIT $2
  FOR UPDATE SKIP LOCKED)
UPDATE lanes SET owner = $3, lease_until = $4, next_at = $4, reason = NULL WHERE account_id IN (SELECT d.account_id FROM due d)
RETURNING account_id, workspace_id, last_campaign_id;

-- name: list_leased_lanes
-- Who sends for whom.
SELECT account_id, owner, lease_until FROM lanes WHERE lease_until IS NOT NULL;

-- name: free_lane
-- Its process is dead.
UPDATE lanes SET lease_until = NULL, next_at = CASE WHEN next_at < $4 THEN next_at ELSE $4 END
WHERE account_id = $1 AND owner = $2 AND lease_until = $3;

-- name: release_lane
-- Done for now, by the one who holds the lease; a lane that was woken meanwhile stays due.
UPDATE lanes SET next_at = CASE WHEN next_at < lease_until THEN next_at ELSE CAST(:next_at AS BIGINT) END,
  reason = CASE WHEN next_at < lease_until THEN NULL ELSE CAST(:reason AS TEXT) END,
  lease_until = NULL, last_campaign_id = COALESCE(:last_campaign_id, last_campaign_id)
WHERE account_id = :account_id AND owner = :owner AND lease_until = :lease_until;

-- name: read_turn
-- When the account's next turn is, and why not earlier; none while it is leased.
SELECT next_at, reason FROM lanes WHERE account_id = $1 AND next_at IS NOT NULL AND lease_until IS NULL;

-- name: list_running_campaigns
-- Of an account.
SELECT {campaign} FROM campaigns WHERE account_id = $1 AND status = 'running' ORDER BY id;

-- name: pick_person
-- The first who waits and may be written to now.
SELECT {campaign_person} FROM campaign_people p
WHERE p.campaign_id = $1 AND p.status = 'waiting' AND p.due_at <= $2 ORDER BY p.due_at, p.id LIMIT 1;

-- name: next_due_at
-- When the first who waits may be written to.
SELECT MIN(p.due_at) FROM campaign_people p WHERE p.campaign_id = $1 AND p.status = 'waiting';

-- name: count_sent_of_campaign
-- Units of the campaign's day: along the account's ids, which grow with time, from $2 on.
SELECT COUNT(*) FROM sends s WHERE s.account_id = $1 AND s.id >= $2 AND s.holds_unit + 0 = 1
  AND s.window_start = $3 AND s.campaign_person_id > $4 AND s.campaign_person_id < CAST($4 AS TEXT) || 'g';

-- name: finish_campaign
-- Nobody is waiting, in flight or unknown.
UPDATE campaigns SET status = 'finished', cause = NULL, ended_at = $2 WHERE id = $1 AND status = 'running'
  AND NOT EXISTS (SELECT 1 FROM campaign_people p WHERE p.campaign_id = $1
    AND p.status IN ('waiting', 'in_flight', 'unknown')) RETURNING workspace_id;

-- name: pause_account
-- All running campaigns of the account.
UPDATE campaigns SET status = 'paused', cause = $2 WHERE account_id = $1 AND status = 'running' RETURNING id, workspace_id;

-- name: start_overdue
-- Scheduled campaigns that are far too late wait for a person.
UPDATE campaigns SET status = 'paused', cause = 'overdue' WHERE status = 'scheduled' AND starts_at <= $1
RETURNING id, workspace_id;

-- name: start_scheduled
-- Scheduled campaigns whose time has come.
UPDATE campaigns SET status = 'running', started_at = $1 WHERE status = 'scheduled' AND starts_at <= $1
RETURNING id, account_id, workspace_id;
