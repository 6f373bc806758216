-- The groups of accounts, and their members.

-- name: list_account_group
-- LinkedIn has listed the group among the account's.
INSERT INTO account_groups (account_id, group_id, workspace_id, listed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, group_id) DO UPDATE SET listed_at = excluded.listed_at;

-- name: drop_account_groups
-- Those that LinkedIn lists no more: the account has left them.
DELETE FROM account_groups WHERE account_id = $1 AND (listed_at IS NULL OR listed_at < $2);

-- name: list_account_groups
-- By name. Counting ends at 10,001 known members.
SELECT {account_group} FROM account_groups g
LEFT JOIN known_groups k ON k.workspace_id = g.workspace_id AND k.group_id = g.group_id
WHERE g.account_id = $1 AND g.workspace_id = $2 ORDER BY k.name, g.group_id LIMIT 200;

-- name: read_account_group
-- One group of the account.
SELECT {account_group} FROM account_groups g
LEFT JOIN known_groups k ON k.workspace_id = g.workspace_id AND k.group_id = g.group_id
WHERE g.account_id = $1 AND g.workspace_id = $2 AND g.group_id = $3;

-- name: record_members_read
-- Members were read on request.
INSERT INTO account_groups (account_id, group_id, workspace_id, places_read, is_read, members_read_at)
VALUES (:account_id, :group_id, :workspace_id, :places_read, :is_read, :now)
ON CONFLICT (account_id, group_id) DO UPDATE SET places_read = excluded.places_read, is_read = excluded.is_read,
  members_read_at = excluded.members_read_at;

-- name: record_members_collected
-- Members were read for an audience, which has its own place in their list.
INSERT INTO account_groups (account_id, group_id, workspace_id, members_read_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (account_id, group_id) DO UPDATE SET members_read_at = excluded.members_read_at;

-- name: list_known_members
-- By name, after the person :after, '' for the first page. Who is on the page is decided within the index.
SELECT {listed_member} FROM (
  SELECT p.workspace_id, p.group_id, p.recipient FROM group_members p
  WHERE p.workspace_id = :workspace_id AND p.group_id = :group_id
    AND (p.sort_name, p.recipient) > ((SELECT COALESCE(MAX(a.sort_name), '') FROM group_members a
      WHERE a.workspace_id = :workspace_id AND a.group_id = :group_id AND a.recipient = :after), CAST(:after AS TEXT))
    AND (CAST(:name AS TEXT) IS NULL OR p.sort_name LIKE CAST(:name AS TEXT) ESCAPE '!')
    AND (CAST(:relationship AS TEXT) IS NULL
      OR (p.relationship = :relationship AND p.read_by = CAST(:account_id AS TEXT)))
    AND (CAST(:is_written_to AS BIGINT) IS NULL OR :is_written_to = {is_written_to})
    AND (CAST(:is_opted_out AS BIGINT) IS NULL OR :is_opted_out = {is_opted_out})
  ORDER BY p.sort_name, p.recipient LIMIT :count) k
JOIN group_members p ON p.workspace_id = k.workspace_id AND p.group_id = k.group_id AND p.recipient = k.recipient
ORDER BY p.sort_name, p.recipient;
