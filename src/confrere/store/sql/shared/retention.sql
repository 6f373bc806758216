-- Data that is too old. Each find_old_… returns, from a place on along a key, whether a row goes, and its key.

-- name: find_old_sends
-- Settled rows that nobody can repeat any more.
SELECT CASE WHEN text <> '' AND created_at < $2 AND is_open = 0 AND outcome NOT IN ('in_flight', 'unknown') THEN 1 ELSE 0 END, id
FROM sends WHERE id > $1 ORDER BY id LIMIT $3;

-- name: drop_old_sends
-- The row stays: outcome, unit, person and time.
UPDATE sends SET text = '' WHERE id = $1 AND is_open = 0 RETURNING id;

-- name: find_old_campaign_people
-- People with a text of their own whose message is sent, or will not be.
SELECT CASE WHEN text <> '' AND changed_at < $2 AND status NOT IN ('waiting', 'in_flight', 'unknown') THEN 1 ELSE 0 END, id
FROM campaign_people WHERE id > $1 ORDER BY id LIMIT $3;

-- name: drop_old_campaign_people
-- The text of their own.
UPDATE campaign_people SET text = '' WHERE id = $1 AND status NOT IN ('waiting', 'in_flight', 'unknown') RETURNING id;

-- name: find_old_replies
-- Replies that were received before $2.
SELECT CASE WHEN (text IS NOT NULL OR name IS NOT NULL) AND received_at < $2 THEN 1 ELSE 0 END, id
FROM replies WHERE id > $1 ORDER BY id LIMIT $3;

-- name: drop_old_replies
-- That they have replied stays: campaigns skip them.
UPDATE replies SET text = NULL, name = NULL WHERE id = $1 RETURNING id;

-- name: find_old_group_members
-- Members as they were read before $4, to whom nobody has written.
SELECT CASE WHEN read_at < $4 AND NOT EXISTS (SELECT 1 FROM sends s WHERE s.recipient = m.recipient AND s.holds_unit = 1
    AND s.workspace_id = m.workspace_id) THEN 1 ELSE 0 END, workspace_id, group_id, recipient
FROM group_members m WHERE (workspace_id, group_id, recipient) > ($1, $2, $3)
ORDER BY workspace_id, group_id, recipient LIMIT $5;

-- name: drop_old_group_members
-- The row.
DELETE FROM group_members WHERE workspace_id = $1 AND group_id = $2 AND recipient = $3 RETURNING recipient;

-- name: find_old_resolved_people
-- Addresses as they were read before $3, of people to whom nobody has written.
SELECT CASE WHEN resolved_at < $3 AND NOT EXISTS (SELECT 1 FROM sends s WHERE s.recipient = p.recipient AND s.holds_unit = 1
    AND s.workspace_id = p.workspace_id) THEN 1 ELSE 0 END, workspace_id, vanity_name
FROM resolved_people p WHERE (workspace_id, vanity_name) > ($1, $2) ORDER BY workspace_id, vanity_name LIMIT $4;

-- name: drop_old_resolved_people
-- The row.
DELETE FROM resolved_people WHERE workspace_id = $1 AND vanity_name = $2 RETURNING recipient;

-- name: find_old_audience_people
-- People of audiences that were made before $3, to whom nobody has written. Those of a draft are needed for its start.
SELECT CASE WHEN EXISTS (SELECT 1 FROM audiences a WHERE a.id = p.audience_id AND a.created_at < $3 AND a.status = 'ready')
    AND NOT EXISTS (SELECT 1 FROM sends s WHERE s.recipient = p.recipient AND s.holds_unit = 1
      AND s.workspace_id = p.workspace_id)
    AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.audience_id = p.audience_id AND c.workspace_id = p.workspace_id
      AND c.status = 'draft') THEN 1 ELSE 0 END, audience_id, recipient
FROM audience_people p WHERE (audience_id, recipient) > ($1, $2) ORDER BY audience_id, recipient LIMIT $4;

-- name: drop_old_audience_people
-- The row.
DELETE FROM audience_people WHERE audience_id = $1 AND recipient = $2 RETURNING recipient;
