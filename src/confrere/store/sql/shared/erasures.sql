-- Erasing people, and reading everything about one. A person is a stand-in: what takes the place of the profile URN.

-- name: list_erasures
-- All of all workspaces.
SELECT workspace_id, recipient, added_at FROM do_not_contact WHERE source = 'erasure' ORDER BY workspace_id, recipient;

-- name: is_own_account
-- Whether the person is an account of the workspace.
SELECT 1 FROM accounts WHERE workspace_id = $1 AND profile_urn = $2;

-- name: count_open_sends_to
-- Messages to the person that are on their way, or whose outcome is unknown.
SELECT COUNT(*) FROM sends WHERE recipient = $2 AND workspace_id = $1 AND holds_unit = 1
  AND outcome IN ('in_flight', 'unknown');

-- name: erase_from_sends
-- What was accepted. The outcome, the unit, the times and the fingerprint stay.
UPDATE sends SET recipient = :person, text = '', message_urn = NULL, conversation_urn = NULL
WHERE recipient = :recipient AND workspace_id = :workspace_id AND holds_unit = 1 AND outcome = 'accepted' RETURNING id;

-- name: erase_from_refused_sends
-- What was not accepted; LinkedIn's words may hold a name.
UPDATE sends SET recipient = :person, text = '', message_urn = NULL, conversation_urn = NULL,
  reason = CASE WHEN refusal_text IS NULL OR reason <> refusal_text THEN reason ELSE 'LinkedIn refused it' END,
  refusal_text = CASE WHEN refusal_text IS NULL THEN NULL ELSE 'erased' END
WHERE recipient = :recipient AND workspace_id = :workspace_id AND holds_unit = 0 RETURNING id;

-- name: erase_from_campaign_people
-- Whose message is on its way keeps the URN until it is settled.
UPDATE campaign_people SET recipient = :person, name = '', text = NULL,
  reason = CASE WHEN status = 'waiting' THEN 'do_not_contact' WHEN status = 'refused' THEN NULL ELSE reason END,
  status = CASE WHEN status = 'waiting' THEN 'skipped' ELSE status END, is_held = 0
WHERE recipient = :recipient AND workspace_id = :workspace_id AND status NOT IN ('in_flight', 'unknown') RETURNING id;

-- name: erase_from_replies
-- Their messages.
DELETE FROM replies WHERE recipient = :recipient AND workspace_id = :workspace_id RETURNING id;

-- name: erase_from_webhook_deliveries
-- Tries to deliver the events about them, with the answers, which may repeat what was sent.
DELETE FROM webhook_deliveries WHERE event_id IN (SELECT e.id FROM webhook_events e
  WHERE e.recipient = :recipient AND e.workspace_id = :workspace_id) RETURNING id;

-- name: erase_from_webhook_events
-- Events about them.
DELETE FROM webhook_events WHERE recipient = :recipient AND workspace_id = :workspace_id RETURNING id;

-- name: erase_from_audience_people
-- Their rows in audiences.
DELETE FROM audience_people WHERE workspace_id = :workspace_id AND recipient = :recipient RETURNING audience_id;

-- name: shrink_audience
-- One person fewer.
UPDATE audiences SET people_count = people_count - 1 WHERE id = $1 AND people_count > 0;

-- name: erase_from_group_members
-- As a member of groups.
DELETE FROM group_members WHERE workspace_id = :workspace_id AND recipient = :recipient RETURNING recipient;

-- name: erase_from_resolved_people
-- Their addresses.
DELETE FROM resolved_people WHERE workspace_id = :workspace_id AND recipient = :recipient RETURNING recipient;

-- name: erase_from_do_not_contact
-- The stand-in takes their place.
DELETE FROM do_not_contact WHERE workspace_id = :workspace_id AND recipient = :recipient RETURNING recipient;

-- name: add_erased
-- The first time stays.
INSERT INTO do_not_contact (workspace_id, recipient, reason, source, added_at) VALUES ($1, $2, NULL, 'erasure', $3)
ON CONFLICT (workspace_id, recipient) DO UPDATE SET source = 'erasure' WHERE do_not_contact.source <> 'erasure';

-- name: add_pending_erasure
-- It is to be done again.
INSERT INTO pending_erasures (workspace_id, person, recipient, due_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, person) DO UPDATE SET due_at = excluded.due_at;

-- name: remove_pending_erasure
-- It is complete.
DELETE FROM pending_erasures WHERE workspace_id = $1 AND person = $2;

-- name: find_pending_erasures
-- Which are due.
SELECT workspace_id, person, recipient FROM pending_erasures WHERE due_at <= $1 ORDER BY due_at LIMIT $2;

-- name: list_recipients
-- Everybody of whom a workspace has a row, for erasures of which only the stand-in is known.
SELECT workspace_id, recipient FROM sends UNION SELECT workspace_id, recipient FROM campaign_people
UNION SELECT workspace_id, recipient FROM replies UNION SELECT workspace_id, recipient FROM audience_people
UNION SELECT workspace_id, recipient FROM group_members UNION SELECT workspace_id, recipient FROM resolved_people
UNION SELECT workspace_id, recipient FROM do_not_contact;

-- name: read_all_of_sends
-- Sends to the person.
SELECT id, request_id, account_id, group_id, outcome, reason, message_urn, conversation_urn, created_at, settled_at, text
FROM sends WHERE workspace_id = $1 AND id IN (SELECT s.id FROM sends s WHERE s.recipient = $2 AND s.holds_unit = 1
  UNION ALL SELECT s.id FROM sends s WHERE s.recipient = $2 AND s.holds_unit = 0) ORDER BY id;

-- name: read_all_of_campaign_people
-- Their places in campaigns.
SELECT campaign_id, name, status, reason, changed_at, text FROM campaign_people WHERE recipient = $2 AND workspace_id = $1
ORDER BY id;

-- name: read_all_of_replies
-- Their replies.
SELECT id, account_id, name, conversation_urn, message_urn, send_id, received_at, kinds, may_want_out, opted_out, text
FROM replies WHERE recipient = $2 AND workspace_id = $1 ORDER BY id;

-- name: read_all_of_webhook_events
-- Events about them, which repeat what the other tables have.
SELECT type, occurred_at FROM webhook_events WHERE recipient = $2 AND workspace_id = $1 ORDER BY occurred_at, id;

-- name: read_all_of_audience_people
-- Their rows in audiences.
SELECT audience_id, public_id, first_name, last_name, headline, custom FROM audience_people
WHERE workspace_id = $1 AND recipient = $2 ORDER BY audience_id;

-- name: read_all_of_group_members
-- What LinkedIn showed of them as a member.
SELECT group_id, public_id, first_name, last_name, headline, read_at FROM group_members
WHERE workspace_id = $1 AND recipient = $2 ORDER BY group_id;

-- name: read_all_of_resolved_people
-- Addresses that were asked for.
SELECT vanity_name, public_id, first_name, last_name, headline, resolved_at FROM resolved_people
WHERE workspace_id = $1 AND recipient = $2 ORDER BY vanity_name;

-- name: read_all_of_do_not_contact
-- Their entry on the list.
SELECT reason, source, added_at FROM do_not_contact WHERE workspace_id = $1 AND recipient = $2;
