-- Templates of messages, and the names of groups.

-- name: add_template
-- Its first version.
INSERT INTO templates (id, workspace_id, name, text, variables, version, created_at, changed_at)
VALUES (:id, :workspace_id, :name, :text, :variables, :version, :created_at, :changed_at);

-- name: read_template
-- One template.
SELECT {template} FROM templates WHERE workspace_id = $1 AND id = $2;

-- name: lock_template
-- One template, kept from others until the transaction ends: it is neither changed nor deleted meanwhile.
SELECT {template} FROM templates WHERE workspace_id = $1 AND id = $2 FOR UPDATE;

-- name: list_templates
-- Newest first: identifiers grow with time.
SELECT {template} FROM templates WHERE workspace_id = $1 AND id < COALESCE(CAST($2 AS TEXT), 'g') ORDER BY id DESC LIMIT $3;

-- name: change_template
-- Name, text and version as they now are.
UPDATE templates SET name = :name, text = :text, variables = :variables, version = :version, changed_at = :changed_at
WHERE id = :id;

-- name: find_draft_of_template
-- The newest draft that has its text from the template.
SELECT id, name FROM campaigns WHERE template_id = $1 AND status = 'draft' ORDER BY id DESC LIMIT 1;

-- name: delete_template
-- Campaigns that were started keep its id, and the text.
DELETE FROM templates WHERE id = $1;

-- name: list_template_texts
-- All sealed texts of templates.
SELECT id, text FROM templates;

-- name: reseal_template_text
-- The same text under another key, unless it was edited meanwhile.
UPDATE templates SET text = $3 WHERE id = $1 AND text = $2;
