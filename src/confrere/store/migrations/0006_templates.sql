-- Templates of messages, what campaigns keep of them, and the names of groups, which templates may show.

-- text:       a Fernet token. version: grows with each new text.
-- variables:  a JSON array of the names that it uses.
CREATE TABLE templates (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  variables TEXT NOT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX templates_workspace ON templates (workspace_id, id);

-- template_id:       null where the text is the campaign's own. A draft has the newest version of its template.
-- template_version:  of a campaign that was started: what its texts were made from; `text` is the same text.
-- revision:          grows with each change of the draft.
ALTER TABLE campaigns ADD COLUMN template_id TEXT;
ALTER TABLE campaigns ADD COLUMN template_version BIGINT;
ALTER TABLE campaigns ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
CREATE INDEX campaigns_template ON campaigns (template_id) WHERE template_id IS NOT NULL;

-- Groups as LinkedIn last showed them to an account of the workspace; null where it did not.
CREATE TABLE known_groups (
  workspace_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  name TEXT,
  members BIGINT,
  PRIMARY KEY (workspace_id, group_id)
) WITHOUT ROWID;
