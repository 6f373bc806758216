-- Collections: audiences that are read from groups, page by page.

-- name: is_collection_due
-- Whether there is anything to claim.
SELECT 1 FROM audiences WHERE next_at <= $1 AND status = 'collecting' LIMIT 1;

-- name: find_due_collections
-- Of each account the one that has waited longest, unless another one of it is leased.
SELECT {audience} FROM audiences a WHERE a.next_at <= $1 AND a.status = 'collecting' AND NOT EXISTS (
  SELECT 1 FROM audiences b WHERE b.account_id = a.account_id AND b.next_at IS NOT NULL AND b.status = 'collecting'
    AND (b.lease_until > $1 OR (b.next_at, b.id) < (a.next_at, a.id)))
ORDER BY a.next_at LIMIT $2 FOR UPDATE SKIP LOCKED;

-- name: lease_collection
-- Its next time is the lease's end: whoever dies with it leaves it due.
UPDATE audiences SET owner = $2, lease_until = $3, next_at = $3 WHERE id = $1;

-- name: lock_collection
-- How many people it has, unless the lease was lost.
SELECT people_count FROM audiences WHERE id = $1 AND owner = $2 AND lease_until = $3 FOR UPDATE;

-- name: drop_surplus_people
-- Those of the page just added who are more than were wanted.
DELETE FROM audience_people WHERE audience_id = $1 AND place > $2;

-- name: advance_collection
-- The page is written: go on after it.
UPDATE audiences SET people_count = people_count + :added, places_read = places_read + :places, total = :total,
  fault = NULL, status = :status, next_at = :next_at, owner = NULL, lease_until = NULL
WHERE id = :id;

-- name: put_collection_off
-- By the one who holds the lease.
UPDATE audiences SET fault = :fault, next_at = :next_at, owner = NULL, lease_until = NULL
WHERE id = :id AND owner = :owner AND lease_until = :lease_until;

-- name: list_collecting
-- Of an account.
SELECT {audience} FROM audiences a WHERE a.account_id = $1 AND a.next_at IS NOT NULL AND a.status = 'collecting'
ORDER BY a.id;

-- name: name_group
-- What audiences of the group do not know yet.
UPDATE audiences SET group_name = $3 WHERE workspace_id = $1 AND group_id = $2 AND group_name IS NULL;

-- name: list_group_members
-- In the order of their URNs, after one.
SELECT recipient, public_id, first_name, last_name, headline FROM group_members
WHERE workspace_id = $1 AND group_id = $2 AND recipient > COALESCE(CAST($3 AS TEXT), '') ORDER BY recipient LIMIT $4;
