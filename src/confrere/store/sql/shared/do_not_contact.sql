-- The do-not-contact list.

-- name: remove_opt_out
-- The recipient may be written to again.
DELETE FROM do_not_contact WHERE workspace_id = $1 AND recipient = $2 RETURNING recipient;

-- name: read_opt_out
-- Whether this person is on the list, or was erased: $3 is their stand-in.
SELECT {opt_out} FROM do_not_contact WHERE workspace_id = $1 AND recipient IN ($2, $3);

-- name: list_opt_outs
-- In the order of the recipients.
SELECT {opt_out} FROM do_not_contact WHERE workspace_id = $1 AND (CAST($2 AS TEXT) IS NULL OR recipient > $2)
ORDER BY recipient LIMIT $3;
