-- Audiences and campaigns: writing them, reading them, and what moves the people of a campaign.

-- name: add_audience
-- Its people follow in the same transaction.
INSERT INTO audiences (id, workspace_id, name, group_id, source, created_at)
VALUES (:id, :workspace_id, :name, :group_id, :source, :created_at);

-- name: read_audience
-- One audience and how many are in it.
SELECT {audience} FROM audiences a WHERE a.workspace_id = $1 AND a.id = $2;

-- name: list_audiences
-- Newest first: identifiers grow with time.
SELECT {audience} FROM audiences a WHERE a.workspace_id = $1 AND a.id < COALESCE(CAST($2 AS TEXT), 'g')
ORDER BY a.id DESC LIMIT $3;

-- name: list_audience_people
-- In the order in which they were added, after a place.
SELECT recipient, name, place FROM audience_people WHERE workspace_id = $1 AND audience_id = $2 AND place > $3
ORDER BY place LIMIT $4;

-- name: foresee_skips
-- How many of an audience would be skipped now, by the reasons of check_campaign_person, in its order.
SELECT r.reason, COUNT(*) FROM (
  SELECT CASE
    WHEN EXISTS (SELECT 1 FROM do_not_contact d WHERE d.workspace_id = $1 AND d.recipient = p.recipient)
      THEN 'do_not_contact'
    WHEN EXISTS (SELECT 1 FROM campaign_people o
      WHERE o.recipient = p.recipient AND o.workspace_id = $1 AND o.status = 'replied') THEN 'replied_before'
    WHEN EXISTS (SELECT 1 FROM sends s WHERE s.recipient = p.recipient AND s.holds_unit = 1 AND s.workspace_id = $1)
      THEN 'already_written_to'
    WHEN EXISTS (SELECT 1 FROM accounts a WHERE a.workspace_id = $1 AND a.profile_urn = p.recipient) THEN 'own_account'
  END AS reason
  FROM audience_people p WHERE p.workspace_id = $1 AND p.audience_id = $2
) r WHERE r.reason IS NOT NULL GROUP BY r.reason;

-- name: add_campaign
-- A draft.
INSERT INTO campaigns (id, workspace_id, name, account_id, group_id, audience_id, text, status, starts_at, daily_cap,
  spread, skip_existing_conversations, created_by, created_at)
VALUES (:id, :workspace_id, :name, :account_id, :group_id, :audience_id, :text, 'draft', :starts_at, :daily_cap,
  :spread, :skip_existing_conversations, :created_by, :created_at);

-- name: read_campaign
-- One campaign.
SELECT {campaign} FROM campaigns WHERE workspace_id = $1 AND id = $2;

-- name: list_campaigns
-- Newest first; archived ones only where asked for.
SELECT {campaign} FROM campaigns WHERE workspace_id = :workspace_id AND id < COALESCE(CAST(:before_id AS TEXT), 'g')
  AND (CAST(:status AS TEXT) IS NULL AND status <> 'archived' OR status = :status)
  AND (CAST(:account_id AS TEXT) IS NULL OR account_id = :account_id)
ORDER BY id DESC LIMIT :count;

-- name: read_campaign_text
-- The sealed text.
SELECT text FROM campaigns WHERE workspace_id = $1 AND id = $2;

-- name: lock_campaign
-- One campaign, kept from others until the transaction ends: no message of it is reserved meanwhile.
SELECT {campaign} FROM campaigns WHERE workspace_id = $1 AND id = $2 FOR UPDATE;

-- name: change_campaign_status
-- To run begins to count refusals anew. What is null here of started_by and started_at stays.
UPDATE campaigns SET status = :status, cause = :cause, first_left = :first_left,
  started_by = COALESCE(:started_by, started_by), started_at = COALESCE(started_at, CAST(:started_at AS BIGINT)),
  ended_at = :ended_at, refused_in_row = 0, refused = 0, answered = 0
WHERE id = :campaign_id;

-- name: count_campaign_people
-- By status, and within skipped by reason; those who are held apart.
SELECT p.status, CASE WHEN p.status = 'skipped' THEN p.reason END,
  CASE WHEN p.status = 'waiting' AND p.is_held = 1 AND p.due_at > $2 THEN 1 ELSE 0 END, COUNT(*)
FROM campaign_people p WHERE p.campaign_id = $1 GROUP BY 1, 2, 3;

-- name: list_campaign_people
-- In their order, along the primary key.
SELECT {campaign_person} FROM campaign_people p WHERE p.workspace_id = :workspace_id
  AND p.id > COALESCE(CAST(:after_id AS TEXT), CAST(:campaign_id AS TEXT)) AND p.id < CAST(:campaign_id AS TEXT) || 'g'
  AND (CAST(:status AS TEXT) IS NULL OR p.status = :status) AND (CAST(:reason AS TEXT) IS NULL OR p.reason = :reason)
ORDER BY p.id LIMIT :count;

-- name: read_campaign_person
-- One person of a campaign.
SELECT {campaign_person} FROM campaign_people p WHERE p.workspace_id = $1 AND p.campaign_id = $2 AND p.recipient = $3;

-- name: read_person_text
-- The person's own sealed text, or the campaign's.
SELECT COALESCE(p.text, c.text) FROM campaign_people p JOIN campaigns c ON c.id = p.campaign_id
WHERE p.workspace_id = $1 AND p.id = $2;

-- name: last_campaign_person
-- The id of the last person who was added.
SELECT MAX(id) FROM campaign_people WHERE campaign_id = $1;

-- name: stop_waiting
-- Nobody of the campaign waits any more.
UPDATE campaign_people SET status = 'skipped', reason = 'stopped', is_held = 0, changed_at = $2
WHERE campaign_id = $1 AND status = 'waiting';

-- name: hold_person
-- In all campaigns of the workspace the person waits until $3; 0 ends the hold.
UPDATE campaign_people SET due_at = $3, is_held = CASE WHEN CAST($3 AS BIGINT) > 0 THEN 1 ELSE 0 END
WHERE recipient = $2 AND workspace_id = $1 AND status = 'waiting' RETURNING id;

-- name: mark_person_replied
-- In all campaigns of the workspace, whatever their status: who has answered gets no first message.
UPDATE campaign_people SET status = 'replied', reason = NULL, is_held = 0, changed_at = $3
WHERE recipient = $2 AND workspace_id = $1 AND status <> 'replied' RETURNING id;

-- name: skip_person
-- A person who still waits is not written to.
UPDATE campaign_people SET status = 'skipped', reason = $2, is_held = 0, changed_at = $3
WHERE id = $1 AND status = 'waiting' RETURNING id;

-- name: put_person_off
-- A person who still waits is not tried before $2; others are meanwhile.
UPDATE campaign_people SET due_at = $2 WHERE id = $1 AND status = 'waiting' AND due_at < $2;

-- ---- a send of a campaign ----

-- name: check_campaign_person
-- Whether a claim may write to this person of a campaign: null where it may, else why not. 'not_due' changes nothing, every
-- other answer is a reason to skip the person for ever. $1 person, $2 workspace, $3 account, $4 recipient,
-- $5 fingerprint of the message, $6 now.
SELECT CASE
    WHEN c.status <> 'running' OR p.status <> 'waiting' OR p.due_at > $6 OR p.fingerprint <> $5 OR p.recipient <> $4
      OR c.account_id <> $3 OR c.first_left = 0 THEN 'not_due'
    WHEN EXISTS (SELECT 1 FROM do_not_contact d WHERE d.workspace_id = $2 AND d.recipient = $4) THEN 'do_not_contact'
    WHEN EXISTS (SELECT 1 FROM campaign_people o WHERE o.recipient = $4 AND o.workspace_id = $2 AND o.status = 'replied')
      THEN 'replied_before'
    WHEN EXISTS (SELECT 1 FROM sends s WHERE s.recipient = $4 AND s.holds_unit = 1 AND s.workspace_id = $2)
      THEN 'already_written_to'
    WHEN EXISTS (SELECT 1 FROM accounts a WHERE a.workspace_id = $2 AND a.profile_urn = $4) THEN 'own_account'
  END
FROM campaign_people p JOIN campaigns c ON c.id = p.campaign_id WHERE p.id = $1 AND p.workspace_id = $2;

-- name: decline_campaign_person
-- The person is skipped for the reason $2; the earlier message to them is kept where that is the reason.
UPDATE campaign_people SET status = 'skipped', reason = $2, is_held = 0, changed_at = $3,
  send_id = CASE WHEN $2 = 'already_written_to' THEN (SELECT MAX(s.id) FROM sends s
    WHERE s.recipient = campaign_people.recipient AND s.holds_unit = 1
      AND s.workspace_id = campaign_people.workspace_id) ELSE send_id END
WHERE id = $1;

-- name: begin_campaign_attempt
-- The person's message is in flight.
UPDATE campaign_people SET status = 'in_flight', reason = NULL, send_id = $2, is_held = 0, changed_at = $3 WHERE id = $1;

-- name: count_campaign_attempt
-- What the end of an attempt means for its campaign, before the person is moved: too many refusals pause it, and so does
-- the last of the first messages. It counts once, when the attempt leaves `in_flight`.
UPDATE campaigns SET
  answered = campaigns.answered + CASE WHEN s.outcome IN ('accepted', 'refused') THEN 1 ELSE 0 END,
  refused = campaigns.refused + CASE WHEN s.outcome = 'refused' THEN 1 ELSE 0 END,
  refused_in_row = CASE s.outcome WHEN 'refused' THEN campaigns.refused_in_row + 1 WHEN 'accepted' THEN 0
    ELSE campaigns.refused_in_row END,
  first_left = campaigns.first_left - CASE WHEN s.holds_unit = 1 THEN 1 ELSE 0 END,
  status = CASE WHEN campaigns.status <> 'running' THEN campaigns.status
    WHEN s.outcome = 'refused' AND (campaigns.refused_in_row >= 4
      OR (campaigns.answered >= 49 AND (campaigns.refused + 1) * 10 >= campaigns.answered + 1)) THEN 'paused'
    WHEN campaigns.first_left = 1 AND s.holds_unit = 1 THEN 'paused'
    ELSE 'running' END,
  cause = CASE WHEN campaigns.status <> 'running' THEN campaigns.cause
    WHEN s.outcome = 'refused' AND (campaigns.refused_in_row >= 4
      OR (campaigns.answered >= 49 AND (campaigns.refused + 1) * 10 >= campaigns.answered + 1)) THEN 'refusals'
    WHEN campaigns.first_left = 1 AND s.holds_unit = 1 THEN 'first_sent' END
FROM sends s, campaign_people p
WHERE s.id = $1 AND p.id = s.campaign_person_id AND p.send_id = s.id AND p.status = 'in_flight'
  AND campaigns.id = p.campaign_id;

-- name: move_campaign_person
-- Where the person of a send goes from here, by what the send's row is now. Back to waiting only where certainly nothing was
-- sent, for five minutes where that was about this one message; in a campaign that was stopped meanwhile nobody waits.
UPDATE campaign_people SET changed_at = COALESCE(s.settled_at, campaign_people.changed_at),
  status = CASE s.outcome WHEN 'accepted' THEN 'sent' WHEN 'refused' THEN 'refused' WHEN 'unknown' THEN 'unknown'
    ELSE CASE WHEN c.status IN ('stopped', 'archived') THEN 'skipped' ELSE 'waiting' END END,
  reason = CASE WHEN s.outcome = 'refused' THEN s.reason WHEN s.outcome IN ('accepted', 'unknown') THEN NULL
    WHEN c.status IN ('stopped', 'archived') THEN 'stopped' END,
  due_at = CASE WHEN s.outcome = 'not_sent' THEN s.settled_at + 300000000 ELSE 0 END
FROM sends s, campaigns c
WHERE s.id = $1 AND campaign_people.id = s.campaign_person_id AND campaign_people.send_id = s.id
  AND c.id = campaign_people.campaign_id
  AND (campaign_people.status IN ('in_flight', 'unknown')
    OR (campaign_people.status IN ('waiting', 'skipped') AND s.outcome = 'accepted'));

-- name: detach_from_person
-- A late witness: where the person has another message by now, this one is no longer the campaign's.
UPDATE sends SET campaign_person_id = NULL WHERE id = $1 AND EXISTS (SELECT 1 FROM sends o
  WHERE o.campaign_person_id = sends.campaign_person_id AND o.holds_unit = 1 AND o.id <> sends.id);

-- ---- lanes ----

-- name: wake_lane
-- The account has something to do at $3, or earlier.
INSERT INTO lanes (account_id, workspace_id, next_at) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE SET next_at = CASE
  WHEN lanes.next_at IS NULL OR lanes.next_at > excluded.next_at THEN excluded.next_at ELSE lanes.next_at END;

-- name: wake_lanes_of_person
-- A hold has ended, or begun.
UPDATE lanes SET next_at = $3 WHERE (next_at IS NULL OR next_at > $3) AND account_id IN (SELECT c.account_id
  FROM campaign_people p JOIN campaigns c ON c.id = p.campaign_id
  WHERE p.recipient = $2 AND p.workspace_id = $1 AND p.status = 'waiting');

-- name: is_lane_due
-- Whether there is anything to claim.
SELECT 1 FROM lanes WHERE next_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) LIMIT 1;

-- name: find_due_lanes
-- The longest due first; locked ones are another worker's.
SELECT account_id, workspace_id, last_campaign_id FROM lanes
WHERE next_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED;

-- name: lease_lane
-- Its next time is the lease's end, so that a lane that is woken meanwhile is seen to be.
UPDATE lanes SET owner = $2, lease_until = $3, next_at = $3 WHERE account_id = $1;

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
  lease_until = NULL, last_campaign_id = COALESCE(:last_campaign_id, last_campaign_id)
WHERE account_id = :account_id AND owner = :owner AND lease_until = :lease_until;

-- name: read_lane
-- When the account's next turn is.
SELECT next_at, lease_until FROM lanes WHERE account_id = $1;

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
    AND p.status IN ('waiting', 'in_flight', 'unknown')) RETURNING id;

-- name: pause_account
-- All running campaigns of the account.
UPDATE campaigns SET status = 'paused', cause = $2 WHERE account_id = $1 AND status = 'running' RETURNING id;

-- name: start_overdue
-- Scheduled campaigns that are far too late wait for a person.
UPDATE campaigns SET status = 'paused', cause = 'overdue' WHERE status = 'scheduled' AND starts_at <= $1 RETURNING id;

-- name: start_scheduled
-- Scheduled campaigns whose time has come.
UPDATE campaigns SET status = 'running', started_at = $1 WHERE status = 'scheduled' AND starts_at <= $1
RETURNING id, account_id, workspace_id;

-- ---- rotation ----

-- name: list_campaign_texts
-- All sealed texts of campaigns.
SELECT id, text FROM campaigns;

-- name: reseal_campaign_text
-- The same text under another key, unless it was edited meanwhile.
UPDATE campaigns SET text = $3 WHERE id = $1 AND text = $2;

-- name: list_person_texts
-- Sealed texts of people after one, in the order of the ids.
SELECT id, text FROM campaign_people WHERE id > $1 AND text IS NOT NULL ORDER BY id LIMIT $2;

-- name: reseal_person_text
-- The same text under another key; a text never changes otherwise.
UPDATE campaign_people SET text = $2 WHERE id = $1;
