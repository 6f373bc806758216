-- Groups: how many members they have, and how many were first written to in a month.

-- name: set_group_size
-- What LinkedIn has shown last.
INSERT INTO group_sizes (workspace_id, group_id, members, read_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, group_id) DO UPDATE SET members = excluded.members, read_at = excluded.read_at;

-- name: read_group_size
-- None where LinkedIn has never shown it.
SELECT g.members FROM group_sizes g WHERE g.workspace_id = $1 AND g.group_id = $2;

-- name: was_contacted_by_any
-- Whether a row of any account of the workspace to this person holds a unit.
SELECT 1 FROM sends WHERE recipient = $2 AND holds_unit = 1 AND workspace_id = $1 LIMIT 1;

-- name: count_group_contacts
-- How many people were first written to through the group since the month began ($3), over all accounts of the workspace:
-- along the accounts' ids, which grow with time, from $4 on. The sum keeps the planner from the index of all that ever held one.
SELECT COUNT(*) FROM (
  SELECT DISTINCT s.recipient FROM accounts a JOIN sends s ON s.account_id = a.id
  WHERE a.workspace_id = $1 AND s.id >= $4 AND s.group_id = $2 AND s.created_at >= $3 AND s.holds_unit + 0 = 1
) r WHERE NOT EXISTS (SELECT 1 FROM sends e
  WHERE e.recipient = r.recipient AND e.holds_unit = 1 AND e.workspace_id = $1 AND e.created_at < $3);
