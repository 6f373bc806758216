-- The members of groups, so that people choose among those who are known; and the groups that an account is in.

-- relationship, read_by:  to the account that read them last; null where LinkedIn did not show it.
-- sort_name:              `search_form` of the name: by it they are listed, and searched for.
ALTER TABLE group_members ADD COLUMN relationship TEXT;
ALTER TABLE group_members ADD COLUMN read_by TEXT;
ALTER TABLE group_members ADD COLUMN sort_name TEXT NOT NULL DEFAULT '';
UPDATE group_members SET sort_name = LOWER(TRIM(COALESCE(first_name, '') || ' ' || COALESCE(last_name, '')));
-- The last two, so that a search that finds few reads nothing but the index.
CREATE INDEX group_members_name ON group_members (workspace_id, group_id, sort_name, recipient, relationship, read_by);
CREATE INDEX group_members_person ON group_members (workspace_id, recipient);

-- listed_at:        when LinkedIn last listed the group among the account's; null where only its members were read.
-- places_read:      of the list of its members, which was read page by page on request.
-- is_read:          whether that came to the list's end.
-- members_read_at:  when the account last read some of its members, on request or for an audience.
CREATE TABLE account_groups (
  account_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  listed_at BIGINT,
  places_read BIGINT NOT NULL DEFAULT 0,
  is_read INTEGER NOT NULL DEFAULT 0,
  members_read_at BIGINT,
  PRIMARY KEY (account_id, group_id)
) WITHOUT ROWID;
