-- Campaigns: audiences, who is written to, and the lanes in which accounts take turns. Times are microseconds, truth values 0
-- or 1, as in 0001.

-- source:  how its people were found: 'ids', 'csv' or 'group'.
CREATE TABLE audiences (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  group_id TEXT NOT NULL,
  source TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX audiences_workspace ON audiences (workspace_id, id);

CREATE TABLE audience_people (
  audience_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  place BIGINT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (audience_id, recipient)
) WITHOUT ROWID;
CREATE INDEX audience_people_place ON audience_people (audience_id, place);

-- text:            a Fernet token of the text that everybody gets who has none of their own.
-- first_left:      messages until it pauses with 'first_sent', null where it does not.
-- refused_in_row, refused, answered:  since it last began to run, to pause it when too many refuse.
CREATE TABLE campaigns (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  account_id TEXT NOT NULL,
  group_id TEXT NOT NULL,
  audience_id TEXT NOT NULL,
  text TEXT NOT NULL,
  status TEXT NOT NULL,
  cause TEXT,
  starts_at BIGINT,
  daily_cap BIGINT,
  spread INTEGER NOT NULL,
  skip_existing_conversations INTEGER NOT NULL,
  first_left BIGINT,
  refused_in_row BIGINT NOT NULL DEFAULT 0,
  refused BIGINT NOT NULL DEFAULT 0,
  answered BIGINT NOT NULL DEFAULT 0,
  created_by TEXT,
  started_by TEXT,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  ended_at BIGINT
);
CREATE INDEX campaigns_workspace ON campaigns (workspace_id, id);
CREATE INDEX campaigns_running ON campaigns (account_id, id) WHERE status = 'running';
CREATE INDEX campaigns_scheduled ON campaigns (starts_at) WHERE status = 'scheduled';

-- id:           the campaign's id and eight hexadecimal digits of the person's place, so that the primary key has the
--               people of a campaign together and in order.
-- text:         a Fernet token of the person's own text; null means the campaign's.
-- fingerprint:  of workspace, recipient, group and text, as of a send: what is sent is what was checked.
-- due_at:       not before then; 0 where nothing keeps it. is_held: because a person has put it off.
-- send_id:      the ledger's row: of the latest attempt, or of the earlier message to somebody already written to.
CREATE TABLE campaign_people (
  id TEXT NOT NULL PRIMARY KEY,
  campaign_id TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  name TEXT NOT NULL,
  text TEXT,
  fingerprint TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  is_held INTEGER NOT NULL DEFAULT 0,
  due_at BIGINT NOT NULL DEFAULT 0,
  send_id TEXT,
  changed_at BIGINT NOT NULL,
  UNIQUE (recipient, campaign_id)
) WITHOUT ROWID;
-- The next person of a campaign is the first of it that is 'waiting' here, however many wait.
CREATE INDEX campaign_people_due ON campaign_people (campaign_id, status, due_at, id);

-- An account whose campaigns have something to do. next_at: null where they have not.
-- owner, lease_until:  the store instance that sends for it now, and until when others leave it alone.
CREATE TABLE lanes (
  account_id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  next_at BIGINT,
  owner TEXT,
  lease_until BIGINT,
  last_campaign_id TEXT
) WITHOUT ROWID;
CREATE INDEX lanes_next ON lanes (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX lanes_leased ON lanes (lease_until) WHERE lease_until IS NOT NULL;

-- At most one message for each person of a campaign, whatever crashes. Sends of no campaign are not in the index.
ALTER TABLE sends ADD COLUMN campaign_person_id TEXT;
CREATE UNIQUE INDEX sends_campaign_person ON sends (campaign_person_id)
  WHERE holds_unit = 1 AND campaign_person_id IS NOT NULL;
-- The recipient first, so that this one index also answers whether any account has written to them.
DROP INDEX sends_contacted;
CREATE INDEX sends_contacted ON sends (recipient, account_id) WHERE holds_unit = 1;
