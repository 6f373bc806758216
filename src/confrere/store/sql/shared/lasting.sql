-- Changes that a restored older backup must not undo: recording them, and making them again.

-- name: add_lasting_change
-- One change.
INSERT INTO lasting_changes (at, kind, workspace_id, subject) VALUES ($1, $2, $3, $4)
ON CONFLICT (at, kind, workspace_id, subject) DO NOTHING;

-- name: list_lasting_changes
-- Those since $1, with the entry of the do-not-contact list where there still is one.
SELECT l.at, l.kind, l.workspace_id, l.subject, d.source, d.reason FROM lasting_changes l LEFT JOIN do_not_contact d
  ON l.kind = 'listed' AND d.workspace_id = l.workspace_id AND d.recipient = l.subject
WHERE l.at >= $1 ORDER BY l.at;

-- name: was_unlisted
-- Whether this person was taken off the do-not-contact list since $3.
SELECT 1 FROM lasting_changes WHERE at >= $3 AND kind = 'unlisted' AND workspace_id = $1 AND subject = $2 LIMIT 1;

-- name: erase_from_lasting_changes
-- When they were put on the do-not-contact list.
DELETE FROM lasting_changes WHERE workspace_id = :workspace_id AND subject = :recipient RETURNING subject;

-- name: list_listed
-- Everybody on the do-not-contact list of any workspace who was not erased.
SELECT workspace_id, recipient FROM do_not_contact WHERE source <> 'erasure';

-- name: unlist_again
-- They were taken off the list after the backup.
DELETE FROM do_not_contact WHERE workspace_id = $1 AND recipient = $2 AND source <> 'erasure' RETURNING recipient;

-- name: revoke_key_again
-- It was revoked after the backup.
UPDATE api_keys SET revoked_at = $3 WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id;

-- name: disable_user_again
-- They were disabled after the backup.
UPDATE users SET disabled_at = $3 WHERE workspace_id = $1 AND id = $2 AND disabled_at IS NULL RETURNING id;

-- name: void_password
-- Another one was chosen after the backup.
UPDATE users SET password_hash = NULL WHERE workspace_id = $1 AND id = $2 RETURNING id;

-- name: disable_webhook_again
-- It was changed after the backup: its address may be somebody else's by now.
UPDATE webhooks SET enabled = 0, disabled_reason = NULL WHERE workspace_id = $1 AND id = $2 AND enabled = 1 RETURNING id;

-- name: disable_account_again
-- It was disabled after the backup.
UPDATE accounts SET enabled = 0 WHERE workspace_id = $1 AND id = $2 AND enabled = 1 RETURNING id;

-- name: disconnect_account_again
-- Its session was erased after the backup.
UPDATE accounts SET session = NULL, session_version = session_version + 1, session_since = session_version + 1
WHERE workspace_id = $1 AND id = $2 AND session IS NOT NULL RETURNING id;

-- name: pause_campaign_again
-- It was paused or stopped after the backup.
UPDATE campaigns SET status = 'paused', cause = 'person'
WHERE workspace_id = $1 AND id = $2 AND status IN ('running', 'scheduled') RETURNING id;
