-- The people of campaigns: reading them, and what moves them; last, what a send of a campaign does to its person.

-- name: list_candidates
-- People of an audience after a place, each with why a reservation would decline to write to them now.
SELECT p.place, {audience_person}, {skip_reason}
FROM audience_people p WHERE p.workspace_id = $1 AND p.audience_id = $2 AND p.place > $3 ORDER BY p.place LIMIT $4;

-- name: read_candidate
-- One person of an audience, with the same.
SELECT {audience_person}, {skip_reason} FROM audience_people p
WHERE p.workspace_id = $1 AND p.audience_id = $2 AND p.recipient = $3;

-- name: list_campaign_people
-- In their order, along the primary key.
SELECT {campaign_person} FROM campaign_people p WHERE p.workspace_id = :workspace_id
  AND p.id > COALESCE(CAST(:after_id AS TEXT), CAST(:campaign_id AS TEXT)) AND p.id < CAST(:campaign_id AS TEXT) || 'g'
  AND (CAST(:status AS TEXT) IS NULL OR p.status = :status) AND (CAST(:reason AS TEXT) IS NULL OR p.reason = :reason)
  AND (CAST(:wait_reason AS TEXT) IS NULL OR p.status = 'waiting' AND :wait_reason = CASE
    WHEN p.due_at < COALESCE(CAST(:own_from AS BIGINT), p.due_at + 1) THEN CAST(:shared_reason AS TEXT)
    WHEN p.is_held = 1 THEN 'held' ELSE 'next_in_line' END)
ORDER BY p.id LIMIT :count;

-- name: read_campaign_person
-- One person of a campaign.
SELECT {campaign_person} FROM campaign_people p WHERE p.workspace_id = $1 AND p.campaign_id = $2 AND p.recipient = $3;

-- name: list_campaigns_of_person
-- One person in all campaigns of the workspace.
SELECT {campaign_person} FROM campaign_people p WHERE p.workspace_id = $1 AND p.recipient = $2 ORDER BY p.id;

-- name: list_sends_of_campaign_person
-- All attempts of a campaign's person, and the earlier message where they were written to already; newest first.
SELECT {send} FROM sends WHERE workspace_id = $1 AND (campaign_person_id = $2
  OR id = (SELECT p.send_id FROM campaign_people p WHERE p.id = $2)) ORDER BY id DESC LIMIT $3;

-- name: list_sends_of_person
-- What LinkedIn has or may have for the person, and all attempts of campaigns; newest first.
SELECT {send} FROM sends WHERE workspace_id = $1 AND id IN (
  SELECT s.id FROM sends s WHERE s.recipient = $2 AND s.holds_unit = 1
  UNION SELECT s.id FROM sends s JOIN campaign_people p ON s.campaign_person_id = p.id
    WHERE p.recipient = $2 AND p.workspace_id = $1) ORDER BY id DESC LIMIT $3;

-- name: read_person_text
-- The person's own sealed text, or the campaign's.
SELECT COALESCE(p.text, c.text) FROM campaign_people p JOIN campaigns c ON c.id = p.campaign_id
WHERE p.workspace_id = $1 AND p.id = $2;

-- name: last_campaign_person
-- The last person who was added, and when; of a draft that is when its start began.
SELECT id, changed_at FROM campaign_people WHERE id > $1 AND id < CAST($1 AS TEXT) || 'g' ORDER BY id DESC LIMIT 1;

-- name: count_staged_people
-- All people of a draft.
SELECT COUNT(*) FROM campaign_people WHERE campaign_id = $1;

-- name: drop_staged_people
-- Some people of a draft, of whom nobody has a message.
DELETE FROM campaign_people WHERE id IN (SELECT p.id FROM campaign_people p
  WHERE p.id > $1 AND p.id < CAST($1 AS TEXT) || 'g' ORDER BY p.id LIMIT $2) RETURNING id;

-- name: stop_waiting
-- Nobody of the campaign waits any more.
UPDATE campaign_people SET status = 'skipped', reason = 'stopped', is_held = 0, changed_at = $2
WHERE campaign_id = $1 AND status = 'waiting';

-- name: is_person_held
-- Whether the person is held in any campaign of the workspace.
SELECT 1 FROM campaign_people WHERE recipient = $2 AND workspace_id = $1 AND status = 'waiting' AND is_held = 1 LIMIT 1;

-- name: hold_person
-- In all campaigns of the workspace the person waits until $3; 0 ends the hold.
UPDATE campaign_people SET due_at = $3, is_held = CASE WHEN CAST($3 AS BIGINT) > 0 THEN 1 ELSE 0 END
WHERE recipient = $2 AND workspace_id = $1 AND status = 'waiting' RETURNING id;

-- name: inherit_holds
-- Who is held in another campaign of the workspace is held in the campaign $1, too.
UPDATE campaign_people SET is_held = 1, due_at = (SELECT MAX(h.due_at) FROM campaign_people h
    WHERE h.workspace_id = $2 AND h.recipient = campaign_people.recipient AND h.is_held = 1)
WHERE campaign_id = $1 AND status = 'waiting' AND recipient IN (SELECT h.recipient FROM campaign_people h
  WHERE h.workspace_id = $2 AND h.is_held = 1 AND h.due_at > $3);

-- name: mark_person_replied
-- In all campaigns of the workspace, whatever their status: who has answered gets no first message. Another campaign's
-- message is no longer referred to: it is not the one of this campaign.
UPDATE campaign_people SET status = 'replied', reason = NULL,
  send_id = CASE WHEN reason = 'already_written_to' THEN NULL ELSE send_id END, is_held = 0, changed_at = $3
WHERE recipient = $2 AND workspace_id = $1 AND status <> 'replied' RETURNING id;

-- name: skip_person
-- A person who still waits is not written to; the earlier message to them is kept where that is the reason.
UPDATE campaign_people SET status = 'skipped', reason = $2, changed_at = $3, is_held = 0,
  send_id = CASE WHEN $2 = 'already_written_to' THEN (SELECT MAX(s.id) FROM sends s
    WHERE s.recipient = campaign_people.recipient AND s.holds_unit = 1 AND s.outcome = 'accepted'
      AND s.workspace_id = campaign_people.workspace_id) ELSE send_id END
WHERE id = $1 AND status = 'waiting' RETURNING id;

-- name: put_person_off
-- A person who still waits is not tried before $2; others are meanwhile.
UPDATE campaign_people SET due_at = $2, is_held = 0 WHERE id = $1 AND status = 'waiting' AND due_at < $2;

-- name: check_campaign_person
-- Whether a claim may write to this person of a campaign: null where it may, else why not. 'not_due' changes nothing, every
-- other answer is a reason to skip the person for ever; so a message to them that may not have been sent is none ('accepted'
-- comes before 'in_flight' and 'unknown', the other outcomes that hold a unit). $1 person, $2 workspace, $3 account,
-- $4 recipient, $5 fingerprint of the message, $6 now.
SELECT CASE
    WHEN c.status <> 'running' OR p.status <> 'waiting' OR p.due_at > $6 OR p.fingerprint <> $5 OR p.recipient <> $4
      OR c.account_id <> $3 OR c.first_left = 0 THEN 'not_due'
    ELSE COALESCE({skip_reason}, (SELECT 'not_due' FROM sends s
      WHERE s.recipient = $4 AND s.holds_unit = 1 AND s.workspace_id = $2 LIMIT 1))
  END
FROM campaign_people p JOIN campaigns c ON c.id = p.campaign_id WHERE p.id = $1 AND p.workspace_id = $2;

-- name: decline_campaign_person
-- The person is skipped for the reason $2; the earlier message to them is kept where that is the reason.
UPDATE campaign_people SET status = 'skipped', reason = $2, is_held = 0, changed_at = $3,
  send_id = CASE WHEN $2 = 'already_written_to' THEN (SELECT MAX(s.id) FROM sends s
    WHERE s.recipient = campaign_people.recipient AND s.holds_unit = 1 AND s.outcome = 'accepted'
      AND s.workspace_id = campaign_people.workspace_id) ELSE send_id END
WHERE id = $1;

-- name: begin_campaign_attempt
-- The person's message is in flight.
UPDATE campaign_people SET status = 'in_flight', reason = NULL, send_id = $2, is_held = 0, changed_at = $3 WHERE id = $1;

-- name: count_campaign_attempt
-- What the end of an attempt means for its campaign, before the person is moved: too many refusals pause it, and so does
-- the last of the first messages. It counts once, when the attempt leaves `in_flight`. Returned is why that has paused it.
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
  AND campaigns.id = p.campaign_id
RETURNING campaigns.id,
  CASE WHEN campaigns.status = 'paused' AND campaigns.cause IN ('refusals', 'first_sent') THEN campaigns.cause END,
  (SELECT o.settled_at FROM sends o WHERE o.id = $1);

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
