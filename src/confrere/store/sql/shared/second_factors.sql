-- Second factors, recovery codes, and logins that are half done.

-- name: begin_second_factor
-- A secret that was never confirmed is replaced; no row is returned where one is confirmed.
INSERT INTO second_factors AS f (user_id, secret, confirmed_at, last_step) VALUES ($1, $2, NULL, 0)
ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = 0
WHERE f.confirmed_at IS NULL RETURNING user_id;

-- name: read_second_factor
-- Sealed.
SELECT secret, confirmed_at, last_step FROM second_factors WHERE user_id = $1;

-- name: confirm_second_factor
-- By the code of this step, unless another secret is being set up by now.
UPDATE second_factors SET confirmed_at = $4, last_step = $3
WHERE user_id = $1 AND secret = $2 AND confirmed_at IS NULL RETURNING user_id;

-- name: use_second_factor
-- A code counts once: its step is later than that of the last one.
UPDATE second_factors SET last_step = $2
WHERE user_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL RETURNING user_id;

-- name: remove_second_factor
-- Confirmed or not; the row says which.
DELETE FROM second_factors WHERE user_id = $1 RETURNING confirmed_at;

-- name: list_second_factors
-- Of all users, sealed.
SELECT user_id, secret FROM second_factors;

-- name: reseal_second_factor
-- The same secret under another key, unless it was replaced meanwhile.
UPDATE second_factors SET secret = $3 WHERE user_id = $1 AND secret = $2;

-- name: add_recovery_code
-- One of ten.
INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2);

-- name: count_recovery_codes
-- Those that were not used.
SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1;

-- name: find_recovery_code
-- That was not used.
SELECT hash FROM recovery_codes WHERE user_id = $1 AND hash = $2;

-- name: use_recovery_code
-- Whoever deletes the row has used the code.
DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2 RETURNING hash;

-- name: remove_recovery_codes
-- All of the user's.
DELETE FROM recovery_codes WHERE user_id = $1;

-- name: add_pending_login
-- Half of a login.
INSERT INTO pending_logins (hash, user_id, password_hash, target, expires_at) VALUES ($1, $2, $3, $4, $5);

-- name: find_pending_login
-- Whose login waits for a code.
SELECT {user} FROM pending_logins p JOIN users u ON u.id = p.user_id
WHERE p.hash = $1 AND p.expires_at > $2 AND u.disabled_at IS NULL;

-- name: take_pending_login
-- Whoever deletes the row goes on with the login.
DELETE FROM pending_logins WHERE hash = $1 AND expires_at > $2 RETURNING user_id, password_hash, target;

-- name: delete_pending_logins
-- Of a user: the password is another, or they are disabled.
DELETE FROM pending_logins WHERE user_id = $1;

-- name: delete_expired_logins
-- That nobody went on with.
DELETE FROM pending_logins WHERE expires_at <= $1;
