-- Users who log in by an identity provider.

-- name: find_identity
-- The user of an issuer's subject.
SELECT {user} FROM identities i JOIN users u ON u.id = i.user_id
WHERE i.workspace_id = $1 AND i.issuer = $2 AND i.subject = $3;

-- name: list_users_of_identity
-- Those of all workspaces.
SELECT {user} FROM identities i JOIN users u ON u.id = i.user_id
WHERE i.issuer = $1 AND i.subject = $2 ORDER BY u.created_at, u.id;

-- name: add_identity
-- No row is returned where the subject has a user.
INSERT INTO identities (workspace_id, issuer, subject, user_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, issuer, subject) DO NOTHING RETURNING user_id;

-- name: set_rights
-- What the identity provider says of the user now.
UPDATE users SET role = :role, inbox = :inbox, accounts = :accounts WHERE id = :id;
