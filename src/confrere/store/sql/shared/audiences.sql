-- Audiences: named lists of people of one group.

-- name: add_audience
-- Its people follow in the same transaction. The group's name is known where another audience has read it.
INSERT INTO audiences (id, workspace_id, name, group_id, source, created_at, columns, group_name)
VALUES (:id, :workspace_id, :name, :group_id, :source, :created_at, :columns, (SELECT group_name FROM audiences
  WHERE workspace_id = :workspace_id AND group_id = :group_id AND group_name IS NOT NULL LIMIT 1));

-- name: count_audience_people
-- So many more people are in it.
UPDATE audiences SET people_count = people_count + $2 WHERE id = $1;

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
