-- Workspaces.

-- name: ensure_workspace
-- A workspace that was never created begins with its first account.
INSERT INTO workspaces (id, name) VALUES ($1, $1) ON CONFLICT (id) DO NOTHING;

-- name: add_workspace
-- No row is returned where the name is taken.
INSERT INTO workspaces (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING RETURNING id;

-- name: list_workspaces
-- The oldest first.
SELECT id, name, created_at FROM workspaces ORDER BY COALESCE(created_at, 0), id;

-- name: read_workspace
-- By the id.
SELECT id, name, created_at FROM workspaces WHERE id = $1;

-- name: find_workspace
-- By the id, or else by the name.
SELECT id, name, created_at FROM workspaces WHERE id = $1 OR name = $1
ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 END LIMIT 1;

-- name: rename_workspace
-- No row is returned where the name is taken, or there is no such workspace.
UPDATE workspaces SET name = $2 WHERE id = $1
  AND NOT EXISTS (SELECT 1 FROM workspaces o WHERE o.name = $2 AND o.id <> $1) RETURNING id, name, created_at;
