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

-- name: count_in_workspaces
-- Of each, the oldest first: accounts, users who may log in, and units of the day that begins at $1.
SELECT w.id, w.name, w.created_at, (SELECT COUNT(*) FROM accounts a WHERE a.workspace_id = w.id),
  (SELECT COUNT(*) FROM users u WHERE u.workspace_id = w.id AND u.disabled_at IS NULL),
  CAST((SELECT COALESCE(SUM(q.used), 0) FROM accounts a JOIN quotas q ON q.account_id = a.id
    WHERE a.workspace_id = w.id AND q.action = 'MESSAGE' AND q.window_start = $1) AS BIGINT)
FROM workspaces w ORDER BY COALESCE(w.created_at, 0), w.id;

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
