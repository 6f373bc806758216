-- Webhooks: where events go, the events, and their deliveries. Times are microseconds, truth values 0 or 1, as in 0001.

-- events:           names, each with a space before and after it, so that LIKE finds one.
-- secret:           a Fernet token; previous_secret, too: it is valid until previous_until.
-- disabled_reason:  null where it is enabled, or where a person has disabled it.
-- failing_since:    the first failure after the last success; null where none failed.
CREATE TABLE webhooks (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  events TEXT NOT NULL,
  secret TEXT NOT NULL,
  previous_secret TEXT,
  previous_until BIGINT,
  enabled INTEGER NOT NULL DEFAULT 1,
  disabled_reason TEXT,
  failing_since BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX webhooks_workspace ON webhooks (workspace_id, id);
-- Whether a workspace has any is asked at every send.
CREATE INDEX webhooks_enabled ON webhooks (workspace_id) WHERE enabled = 1;

-- Each row is written in the transaction of what it reports. Its id names that, so that nothing is reported twice.
-- subject:    the id of what it is about.
-- recipient:  the person it is about; null where it is about none.
-- facts:      a JSON object, from which the body is made; null once that is done. Times in it are microseconds.
-- body:       a Fernet token of the bytes of every try; null until they are made.
CREATE TABLE webhook_events (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  recipient TEXT,
  facts TEXT,
  body TEXT,
  occurred_at BIGINT NOT NULL
);
CREATE INDEX webhook_events_new ON webhook_events (occurred_at) WHERE body IS NULL;
CREATE INDEX webhook_events_old ON webhook_events (occurred_at);
CREATE INDEX webhook_events_person ON webhook_events (recipient) WHERE recipient IS NOT NULL;

-- status:              'pending', 'delivered' or 'failed'.
-- last_status:         the HTTP status of the last try; null where it had none, and last_error says why.
-- last_answer:         a Fernet token of the beginning of the last answer.
-- next_at:             null once it is over; while a try is under way, the end of its lease.
-- owner, lease_until:  the store instance that tries it now, and until when others leave it alone.
CREATE TABLE webhook_deliveries (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  webhook_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  event TEXT NOT NULL,
  status TEXT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  last_status BIGINT,
  last_error TEXT,
  last_answer TEXT,
  last_at BIGINT,
  next_at BIGINT,
  owner TEXT,
  lease_until BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX webhook_deliveries_webhook ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (event_id);

-- Accounts of which `account.held` was reported, until `account.available` is.
CREATE TABLE webhook_holds (
  account_id TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;
