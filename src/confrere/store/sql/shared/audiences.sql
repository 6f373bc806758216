-- Audiences: named lists of people of one group.

-- name: add_audience
-- Its people follow in the same transaction.
INSERT INTO audiences (id, workspace_id, name, group_id, source, created_at, columns)
VALUES (:id, :workspace_id, :name, :group_id, :source, :created_at, :columns);

-- name: read_audience
-- One audience and how many are in it.
SELECT {audience} FROM audiences a WHERE a.workspace_id = $1 AND a.id = $2;

-- name: list_audiences
-- Newest first: identifiers grow with time.
SELECT {audience} FROM audiences a WHERE a.workspace_id = $1 AND a.id < COALESCE(CAST($2 AS TEXT), 'g')
ORDER BY a.id DESC LIMIT $3;

-- name: list_audience_people
-- In the order in which they were added, after a place.
SELECT place, {audience_person} FROM audience_people WHERE workspace_id = $1 AND audience_id = $2 AND place > $3
ORDER BY place LIMIT $4;
