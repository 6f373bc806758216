-- Audiences from CSV tables and from groups, and the members of groups that were read.

-- status:        'collecting' while the group's members are read, then 'ready'; before that 'importing' until
--                all its people are in it, at last 'deleted' until all are gone.
-- people_count:  how many people are in it.
-- bad_rows:      of its table: a JSON array of [line, reason] of the first ones of bad_row_count.
ALTER TABLE audiences ADD COLUMN group_name TEXT;
ALTER TABLE audiences ADD COLUMN status TEXT NOT NULL DEFAULT 'ready';
ALTER TABLE audiences ADD COLUMN people_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audiences ADD COLUMN bad_rows TEXT NOT NULL DEFAULT '[]';
ALTER TABLE audiences ADD COLUMN bad_row_count BIGINT NOT NULL DEFAULT 0;
UPDATE audiences SET people_count = (SELECT COUNT(*) FROM audience_people p WHERE p.audience_id = audiences.id);

-- The rest is of audiences that are collected from a group.
-- account_id:          whose session and units of GROUP_MEMBERS read it.
-- filters:             a JSON object.
-- places_read, total:  of LinkedIn's list of the members.
-- fault:               why the latest page could not be read, where LinkedIn kept it from us.
-- next_at:             when the worker goes on; null where nothing is left to do.
-- owner, lease_until:  the store instance that reads a page now, and until when others leave it alone.
ALTER TABLE audiences ADD COLUMN account_id TEXT;
ALTER TABLE audiences ADD COLUMN filters TEXT;
ALTER TABLE audiences ADD COLUMN places_read BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audiences ADD COLUMN total BIGINT;
ALTER TABLE audiences ADD COLUMN fault TEXT;
ALTER TABLE audiences ADD COLUMN next_at BIGINT;
ALTER TABLE audiences ADD COLUMN owner TEXT;
ALTER TABLE audiences ADD COLUMN lease_until BIGINT;
CREATE INDEX audiences_next ON audiences (next_at) WHERE next_at IS NOT NULL;

-- Members of groups, as they were when a collection last read them.
CREATE TABLE group_members (
  workspace_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  public_id TEXT,
  first_name TEXT,
  last_name TEXT,
  headline TEXT,
  read_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, group_id, recipient)
) WITHOUT ROWID;
