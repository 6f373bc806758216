-- Replies, and the mailboxes that are polled for them. Times are microseconds, truth values 0 or 1, as in 0001.

-- send_id, campaign_id:  the last message to the person before it, and its campaign; null where it belongs to none.
-- text:                  a Fernet token; null for a message without a text.
-- kinds:                 what it carries beside its text: names separated by spaces.
-- handled_by:            the id of the API key, or 'cli'.
CREATE TABLE replies (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  name TEXT,
  conversation_urn TEXT NOT NULL,
  message_urn TEXT NOT NULL,
  send_id TEXT NOT NULL,
  campaign_id TEXT,
  text TEXT,
  kinds TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  may_want_out INTEGER NOT NULL,
  opted_out INTEGER NOT NULL,
  handled_at BIGINT,
  handled_by TEXT,
  UNIQUE (account_id, message_urn)
);
CREATE INDEX replies_workspace ON replies (workspace_id, id);
CREATE INDEX replies_recipient ON replies (recipient, received_at);

-- next_at:             null where the account has sent nothing for long.
-- sync_token:          LinkedIn's, of the last poll that read everything, which was at polled_at.
-- interval_us:         between the last two polls.
-- failing_since:       the first poll that failed after polled_at; last_error says why.
-- owner, lease_until:  the store instance that polls it now, and until when others leave it alone.
CREATE TABLE mailboxes (
  account_id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  next_at BIGINT,
  sync_token TEXT,
  interval_us BIGINT NOT NULL DEFAULT 0,
  polled_at BIGINT,
  failing_since BIGINT,
  last_error TEXT,
  owner TEXT,
  lease_until BIGINT
) WITHOUT ROWID;
CREATE INDEX mailboxes_next ON mailboxes (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX mailboxes_leased ON mailboxes (lease_until) WHERE lease_until IS NOT NULL;
