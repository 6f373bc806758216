-- API keys.

-- name: find_caller
-- Whom a key authenticates.
SELECT id, workspace_id, scopes, expires_at,
  (SELECT w.calls_per_minute FROM workspaces w WHERE w.id = api_keys.workspace_id)
FROM api_keys WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2);

-- name: add_key
-- What is kept of a key.
INSERT INTO api_keys (id, workspace_id, name, visible_part, hash, scopes, created_at, expires_at, revoked_at, last_used_at)
VALUES (:id, :workspace_id, :name, :visible_part, :hash, :scopes, :created_at, :expires_at, :revoked_at, :last_used_at);

-- name: list_keys
-- All of a workspace's keys, the newest first.
SELECT {api_key} FROM api_keys WHERE workspace_id = $1 ORDER BY created_at DESC, id DESC;

-- name: lock_key
-- One key, kept from others until the transaction ends.
SELECT {api_key} FROM api_keys WHERE workspace_id = $1 AND id = $2 FOR UPDATE;

-- name: revoke_key
-- It authenticates nobody any more.
UPDATE api_keys SET revoked_at = $3 WHERE workspace_id = $1 AND id = $2 RETURNING {api_key};
