-- Audiences: named lists of people of one group.

-- name: add_audience
-- Its people follow in the same transaction. The group's name is known where an account or another audience has read it.
INSERT INTO audiences (id, workspace_id, name, group_id, source, created_at, columns, group_name, status, bad_rows,
  bad_row_count, account_id, filters, next_at)
VALUES (:id, :workspace_id, :name, :group_id, :source, :created_at, :columns, COALESCE(
  (SELECT name FROM known_groups WHERE workspace_id = :workspace_id AND group_id = :group_id),
  (SELECT group_name FROM audiences WHERE workspace_id = :workspace_id AND group_id = :group_id AND group_name IS NOT NULL
    LIMIT 1)), :status, :bad_rows, :bad_row_count, :account_id, :filters, :next_at);

-- name: count_audience_people
-- So many more people are in it.
UPDATE audiences SET people_count = people_count + $2 WHERE id = $1;

-- name: show_audience
-- All people are in it.
UPDATE audiences SET status = $2, next_at = $3 WHERE id = $1 AND status = 'importing' RETURNING id;

-- name: read_audience
-- One audience.
SELECT {audience} FROM audiences a WHERE a.workspace_id = $1 AND a.id = $2 AND a.status IN ('collecting', 'ready');

-- name: list_audiences
-- Newest first: identifiers grow with time.
SELECT {audience} FROM audiences a WHERE a.workspace_id = $1 AND a.id < COALESCE(CAST($2 AS TEXT), 'g')
  AND a.status IN ('collecting', 'ready')
ORDER BY a.id DESC LIMIT $3;

-- name: list_audience_people
-- In the order in which they were added, after a place.
SELECT place, {audience_person} FROM audience_people WHERE workspace_id = $1 AND audience_id = $2 AND place > $3
ORDER BY place LIMIT $4;

-- name: lock_audience
-- One audience, kept from others until the transaction ends.
SELECT 1 FROM audiences WHERE workspace_id = $1 AND id = $2 AND status IN ('collecting', 'ready') FOR UPDATE;

-- name: last_audience_place
-- The place of the person who was added last.
SELECT COALESCE(MAX(place), 0) FROM audience_people WHERE audience_id = $1;

-- name: find_campaign_of_audience
-- A campaign that is not frozen yet.
SELECT name, status FROM campaigns WHERE workspace_id = $1 AND audience_id = $2 AND status IN ('draft', 'scheduled')
LIMIT 1;

-- name: delete_audience
-- Nobody sees it any more; its people are deleted later.
UPDATE audiences SET status = 'deleted', next_at = 0, owner = NULL, lease_until = NULL WHERE id = $1;

-- name: find_deleted_audience
-- One whose people are to be deleted, also because whoever wrote them died.
SELECT id FROM audiences WHERE next_at <= $1 AND status IN ('deleted', 'importing') LIMIT 1;

-- name: purge_audience_people
-- Some of them: all at once would keep senders waiting.
DELETE FROM audience_people WHERE audience_id = $1
  AND recipient IN (SELECT recipient FROM audience_people WHERE audience_id = $1 LIMIT $2) RETURNING 1;

-- name: purge_audience
-- Its people are gone.
DELETE FROM audiences WHERE id = $1;
