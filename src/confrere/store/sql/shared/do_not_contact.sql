-- The do-not-contact list.

-- name: remove_opt_out
-- The recipient may be written to again.
DELETE FROM do_not_contact WHERE workspace_id = $1 AND recipient = $2 RETURNING recipient;

-- name: read_opt_out
-- Whether this person is on the list, or was erased: $3 is their stand-in.
SELECT {opt_out} FROM do_not_contact WHERE workspace_id = $1 AND recipient IN ($2, $3);

-- name: list_opt_outs
-- In the order of the recipients.
SELECT {opt_out} FROM do_not_contact WHERE workspace_id = $1 AND recipient > COALESCE(CAST($2 AS TEXT), '')
ORDER BY recipient LIMIT $3;

-- name: search_opt_outs
-- In the same order: those whose reason or source contains the text, or who are known members of this name.
SELECT {opt_out} FROM do_not_contact WHERE workspace_id = $1 AND recipient > COALESCE(CAST($2 AS TEXT), '')
  AND (LOWER(COALESCE(reason, '')) LIKE $4 ESCAPE '!' OR LOWER(source) LIKE $4 ESCAPE '!' OR recipient IN
    (SELECT m.recipient FROM group_members m WHERE m.workspace_id = $1 AND m.sort_name LIKE $5 ESCAPE '!'))
ORDER BY recipient LIMIT $3;
