-- The audit log. Rows are added only.

-- name: take_audit_number
-- The next number, and the hash of the last entry; the row is locked until the transaction ends.
INSERT INTO audit_heads AS h (workspace_id, number, seal) VALUES ($1, 1, '')
ON CONFLICT (workspace_id) DO UPDATE SET number = h.number + 1 RETURNING number, seal;

-- name: set_audit_seal
-- The hash of the last entry.
UPDATE audit_heads SET seal = $2 WHERE workspace_id = $1;

-- name: read_audit_head
-- How many entries there are, and the hash of the last one.
SELECT number, seal FROM audit_heads WHERE workspace_id = $1;

-- name: add_audit_entry
-- One entry.
INSERT INTO audit (workspace_id, number, at, actor_kind, actor_id, address, request_id, action, subject, detail, hash)
VALUES (:workspace_id, :number, :at, :actor_kind, :actor_id, :address, :request_id, :action, :subject, :detail, :hash);

-- name: list_audit
-- Newest first.
SELECT number, at, actor_kind, actor_id, address, request_id, action, subject, detail FROM audit
WHERE workspace_id = :workspace_id AND number < COALESCE(CAST(:before AS BIGINT), 9223372036854775807)
  AND (CAST(:actor AS TEXT) IS NULL OR actor_id = :actor OR actor_kind = :actor)
  AND (CAST(:action AS TEXT) IS NULL OR action = :action) AND (CAST(:subject AS TEXT) IS NULL OR subject = :subject)
  AND (CAST(:since AS BIGINT) IS NULL OR at >= :since)
ORDER BY number DESC LIMIT :count;

-- name: read_audit_after
-- In order, with their hashes.
SELECT number, at, actor_kind, actor_id, address, request_id, action, subject, detail, hash FROM audit
WHERE workspace_id = $1 AND number > $2 ORDER BY number LIMIT $3;
