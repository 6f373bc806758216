-- People by the name in their profile's address.

-- name: add_resolved_person
-- What LinkedIn has answered last.
INSERT INTO resolved_people (workspace_id, vanity_name, recipient, public_id, first_name, last_name, headline, resolved_at)
VALUES (:workspace_id, :vanity_name, :recipient, :public_id, :first_name, :last_name, :headline, :resolved_at)
ON CONFLICT (workspace_id, vanity_name) DO UPDATE SET recipient = excluded.recipient, public_id = excluded.public_id,
  first_name = excluded.first_name, last_name = excluded.last_name, headline = excluded.headline,
  resolved_at = excluded.resolved_at;

-- name: read_resolved_person
-- Who had this name, if LinkedIn was asked since $3.
SELECT recipient, public_id, first_name, last_name, headline FROM resolved_people
WHERE workspace_id = $1 AND vanity_name = $2 AND resolved_at >= $3;

-- name: list_resolved_people
-- Of whom LinkedIn was asked since $2.
SELECT vanity_name, recipient, public_id, first_name, last_name, headline FROM resolved_people
WHERE workspace_id = $1 AND resolved_at >= $2;
