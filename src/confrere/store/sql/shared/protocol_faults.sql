-- Kinds of requests that LinkedIn does not understand.

-- name: record_protocol_fault
-- The first time stays.
INSERT INTO protocol_faults (kind, why, since, seen_at) VALUES ($1, $2, $3, $3)
ON CONFLICT (kind) DO UPDATE SET why = excluded.why, seen_at = excluded.seen_at;

-- name: end_protocol_fault
-- A request of the kind was understood.
DELETE FROM protocol_faults WHERE kind = $1;

-- name: list_protocol_faults
-- Few: there are about ten kinds.
SELECT kind, why, since, seen_at FROM protocol_faults ORDER BY since, kind;
