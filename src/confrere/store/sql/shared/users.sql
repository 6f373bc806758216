-- Users of the console, their sessions, invites and attempts to log in.

-- name: list_users
-- The oldest first.
SELECT {user} FROM users u WHERE u.workspace_id = $1 ORDER BY u.created_at, u.id;

-- name: find_user
-- By the name as names are compared.
SELECT {user} FROM users u WHERE u.workspace_id = $1 AND u.login_name = $2;

-- name: read_user
-- By the id.
SELECT {user} FROM users u WHERE u.id = $1;

-- name: add_user
-- No row is returned where the name is taken.
INSERT INTO users (id, workspace_id, name, login_name, role, inbox, accounts, password_hash, created_at, logged_in_at)
VALUES (:id, :workspace_id, :name, :login_name, :role, :inbox, :accounts, :password_hash, :created_at, :logged_in_at)
ON CONFLICT (login_name) DO NOTHING RETURNING id;

-- name: disable_user
-- The first time is the one that counts.
UPDATE users SET disabled_at = COALESCE(disabled_at, $3) WHERE workspace_id = $1 AND id = $2 RETURNING id;

-- name: set_password
-- A new password enables the user again; null leaves the former one.
UPDATE users SET password_hash = COALESCE(CAST($2 AS TEXT), password_hash), disabled_at = NULL WHERE id = $1;

-- name: find_password
-- Of a user who may log in by password, whose workspace it says.
SELECT id, password_hash, workspace_id FROM users
WHERE login_name = $1 AND password_hash IS NOT NULL AND disabled_at IS NULL;

-- name: record_login
-- Unless the user was disabled, or has another password by now; a null password is that of a link.
UPDATE users SET logged_in_at = $3 WHERE id = $1 AND disabled_at IS NULL
  AND (CAST($2 AS TEXT) IS NULL OR password_hash = $2) RETURNING id;

-- name: add_user_session
-- A browser that is logged in.
INSERT INTO user_sessions (hash, user_id, created_at, seen_at, expires_at, address, browser)
VALUES ($1, $2, $3, $3, $4, $5, $6);

-- name: list_user_sessions
-- Those that have not ended, the last used one first.
SELECT hash, created_at, seen_at, address, browser FROM user_sessions
WHERE user_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, created_at DESC, hash;

-- name: end_session_of_user
-- One of this user's.
DELETE FROM user_sessions WHERE user_id = $1 AND hash = $2 RETURNING hash;

-- name: end_other_sessions
-- All of this user's but one.
DELETE FROM user_sessions WHERE user_id = $1 AND hash <> $2 RETURNING hash;

-- name: change_password
-- Unless the password is another by now, or the user was disabled.
UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL RETURNING workspace_id;

-- name: find_user_session
-- Whose session it is, and when it was last used.
SELECT {user}, s.seen_at FROM user_sessions s JOIN users u ON u.id = s.user_id
WHERE s.hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND u.disabled_at IS NULL;

-- name: end_user_session
-- One browser is logged out.
DELETE FROM user_sessions WHERE hash = $1 RETURNING user_id;

-- name: end_sessions_of_user
-- Everywhere.
DELETE FROM user_sessions WHERE user_id = $1;

-- name: delete_ended_sessions
-- Sessions that are over, and invites that have expired.
DELETE FROM user_sessions WHERE expires_at <= $1;

-- name: delete_expired_invites
-- Links that nobody used in time.
DELETE FROM invites WHERE expires_at <= $1;

-- name: add_invite
-- A one-time link.
INSERT INTO invites (hash, workspace_id, kind, role, inbox, accounts, user_id, created_at, expires_at)
VALUES (:hash, :workspace_id, :kind, :role, :inbox, :accounts, :user_id, :created_at, :expires_at);

-- name: find_invite
-- A link that can be used, and its user's name.
SELECT i.kind, i.workspace_id, i.created_at, i.expires_at, i.user_id, i.role, i.inbox, i.accounts,
  (SELECT u.name FROM users u WHERE u.id = i.user_id)
FROM invites i WHERE i.hash = $1 AND i.expires_at > $2;

-- name: take_invite
-- Whoever deletes the row has used the link.
DELETE FROM invites WHERE hash = $1 AND expires_at > $2
RETURNING kind, workspace_id, created_at, expires_at, user_id, role, inbox, accounts, NULL;

-- name: read_login_delay
-- When the one of two subjects that waits longer may try again.
SELECT MAX(next_at) FROM login_attempts WHERE subject IN ($1, $2);

-- name: take_login_attempt
-- Attempts before $3 are forgotten. No row is returned where the subject has to wait.
INSERT INTO login_attempts AS a (subject, attempts, last_at, next_at) VALUES ($1, 1, $2, 0)
ON CONFLICT (subject) DO UPDATE SET last_at = excluded.last_at,
  attempts = CASE WHEN a.last_at < $3 THEN 1 ELSE a.attempts + 1 END
WHERE a.next_at <= $2 RETURNING attempts;

-- name: delay_login
-- The subject's next attempt is not before $2.
UPDATE login_attempts SET next_at = $2 WHERE subject = $1;

-- name: forget_login_attempts
-- Of one subject.
DELETE FROM login_attempts WHERE subject = $1;

-- name: give_back_login_attempt
-- The subject's last attempt was right: it does not count, and had waited for its turn.
UPDATE login_attempts SET attempts = attempts - 1, next_at = 0 WHERE subject = $1;

-- name: delete_old_login_attempts
-- Of everybody, when they no longer count.
DELETE FROM login_attempts WHERE last_at < $1 AND next_at < $1;
