-- Campaigns: writing and reading them.

-- name: add_campaign
-- A draft.
INSERT INTO campaigns (id, workspace_id, name, account_id, group_id, audience_id, text, status, starts_at, daily_cap,
  spread, skip_existing_conversations, created_by, created_at, template_id)
VALUES (:id, :workspace_id, :name, :account_id, :group_id, :audience_id, :text, 'draft', :starts_at, :daily_cap,
  :spread, :skip_existing_conversations, :created_by, :created_at, :template_id);

-- name: change_campaign
-- A draft that was edited. A text that is null here stays.
UPDATE campaigns SET name = :name, account_id = :account_id, group_id = :group_id, audience_id = :audience_id,
  text = COALESCE(CAST(:text AS TEXT), text), starts_at = :starts_at, daily_cap = :daily_cap, spread = :spread,
  skip_existing_conversations = :skip_existing_conversations, template_id = :template_id, revision = revision + 1
WHERE id = :id;

-- name: read_campaign
-- One campaign.
SELECT {campaign} FROM campaigns WHERE workspace_id = $1 AND id = $2;

-- name: list_campaigns
-- Newest first; archived ones only where asked for.
SELECT {campaign} FROM campaigns WHERE workspace_id = :workspace_id AND id < COALESCE(CAST(:before_id AS TEXT), 'g')
  AND (CAST(:status AS TEXT) IS NULL AND status <> 'archived' OR status = :status)
  AND (CAST(:account_id AS TEXT) IS NULL OR account_id = :account_id)
ORDER BY id DESC LIMIT :count;

-- name: read_campaign_text
-- The sealed text; of a draft with a template, the template's newest.
SELECT COALESCE((SELECT t.text FROM templates t WHERE t.id = c.template_id AND c.status = 'draft'), c.text)
FROM campaigns c WHERE c.workspace_id = $1 AND c.id = $2;

-- name: freeze_campaign_text
-- The text from which the texts of a campaign that starts were made, and its version.
UPDATE campaigns SET text = $2, template_version = $3 WHERE id = $1;

-- name: lock_campaign
-- One campaign, kept from others until the transaction ends: no message of it is reserved meanwhile.
SELECT {campaign} FROM campaigns WHERE workspace_id = $1 AND id = $2 FOR UPDATE;

-- name: change_campaign_status
-- To run begins to count refusals anew. What is null here of started_by and started_at stays.
UPDATE campaigns SET status = :status, cause = :cause, first_left = :first_left,
  started_by = COALESCE(:started_by, started_by), started_at = COALESCE(started_at, CAST(:started_at AS BIGINT)),
  ended_at = :ended_at, refused_in_row = 0, refused = 0, answered = 0
WHERE id = :campaign_id;

-- name: list_campaign_texts
-- All sealed texts of campaigns.
SELECT id, text FROM campaigns;

-- name: reseal_campaign_text
-- The same text under another key, unless it was edited meanwhile.
UPDATE campaigns SET text = $3 WHERE id = $1 AND text = $2;

-- name: list_person_texts
-- Sealed texts of people after one, in the order of the ids.
SELECT id, text FROM campaign_people WHERE id > $1 AND text IS NOT NULL ORDER BY id LIMIT $2;

-- name: reseal_person_text
-- The same text under another key; a text never changes otherwise.
UPDATE campaign_people SET text = $2 WHERE id = $1;

-- name: count_running_campaigns
-- In all workspaces.
SELECT COUNT(*) FROM campaigns WHERE status = 'running';
