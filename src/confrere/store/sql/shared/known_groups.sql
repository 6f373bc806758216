-- Groups: what is known of them, and how many were first written to in a month.

-- name: keep_group
-- What LinkedIn has shown last; null leaves what was known before.
INSERT INTO known_groups (workspace_id, group_id, name, members) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, group_id) DO UPDATE SET name = COALESCE(excluded.name, known_groups.name),
  members = COALESCE(excluded.members, known_groups.members);

-- name: read_known_group
-- Its name and its number of members, as far as they are known.
SELECT name, members FROM known_groups WHERE workspace_id = $1 AND group_id = $2;

-- name: list_known_groups
-- All of the workspace, by name.
SELECT group_id, name, members FROM known_groups WHERE workspace_id = $1 ORDER BY name, group_id LIMIT 200;

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
