-- The database itself: migrations, facts about it, and the rotation of its secret keys.

-- name: find_migration_number
-- The newest migration that the database has had.
SELECT COALESCE(MAX(number), 0) FROM migrations;

-- name: record_migration
-- A migration has been applied.
INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, $3);

-- name: read_meta
-- One fact about the database.
SELECT value FROM meta WHERE key = $1;

-- name: add_meta
-- The first value stays.
INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING;

-- name: change_meta
-- Only from what was read, so that two rotations at once cannot lose a secret.
UPDATE meta SET value = $3 WHERE key = $1 AND value = $2;

-- name: remove_meta
-- A fact that no longer holds.
DELETE FROM meta WHERE key = $1;

-- name: find_newest_send
-- When the last send began; 0 where there is none.
SELECT COALESCE(MAX(created_at), 0) FROM sends;

-- name: hold_restored
-- Every account, until a person releases it. What it may have sent between an earlier backup and its restoring stays so, too.
UPDATE accounts SET hold_until = $1, lost_until = $3, looks_until = NULL,
  lost_from = CASE WHEN lost_from IS NULL OR lost_from > $2 THEN $2 ELSE lost_from END RETURNING id;

-- name: forget_processes
-- None of them has this database open.
DELETE FROM processes;

-- name: forget_user_sessions
-- Some may have been ended since.
DELETE FROM user_sessions;

-- name: forget_invites
-- Some may have been used since.
DELETE FROM invites;

-- name: forget_pending_logins
-- Half of a login, with a password that may be another by now.
DELETE FROM pending_logins;

-- name: forget_sync_tokens
-- Mailboxes are read again from the last poll before the backup on: replies since then are in no row.
UPDATE mailboxes SET sync_token = NULL;

-- name: ping
-- Whether the engine answers and the schema is there.
SELECT COUNT(*) FROM meta;

-- name: count_secrets
-- How many rows hold a secret.
SELECT (SELECT COUNT(*) FROM sends) + (SELECT COUNT(*) FROM accounts WHERE session IS NOT NULL) + 1
  + (SELECT COUNT(*) FROM templates) + (SELECT COUNT(*) FROM campaigns) + (SELECT COUNT(*) FROM campaign_people WHERE text IS NOT NULL)
  + (SELECT COUNT(*) FROM replies WHERE text IS NOT NULL) + (SELECT COUNT(*) FROM second_factors)
  + (SELECT COUNT(*) FROM webhooks)
  + (SELECT COUNT(*) FROM webhook_events WHERE body IS NOT NULL)
  + (SELECT COUNT(*) FROM webhook_deliveries WHERE last_answer IS NOT NULL);

-- name: list_texts
-- Sealed texts after a row, in the order of the ids.
SELECT id, text FROM sends WHERE id > $1 ORDER BY id LIMIT $2;

-- name: reseal_text
-- The same text under another key; a text never changes otherwise.
UPDATE sends SET text = $2 WHERE id = $1;

-- name: list_sessions
-- All sealed sessions.
SELECT id, session FROM accounts WHERE session IS NOT NULL;

-- name: reseal_session
-- The same session under another key, unless cookies were refreshed meanwhile (then it is under the newest already).
UPDATE accounts SET session = $3 WHERE id = $1 AND session = $2;
