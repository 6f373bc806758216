-- Everything that is kept. Both engines read this file, so it uses only what both understand: TEXT, BIGINT and INTEGER. A time
-- is microseconds since 1970 in UTC (BIGINT), a truth value is 0 or 1 (INTEGER). WITHOUT ROWID, which PostgreSQL is not
-- shown, keeps a table in the order of its key: in SQLite's other form each change writes a page of the key's index, too.

-- Facts about the database itself: the check value of the secret key, the wrapped key of the fingerprints.
CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

-- pacing:            the workspace's rules about sends as JSON, null where there are none.
-- calls_per_minute:  its rule about the calls of a key, apart because each call asks for it.
CREATE TABLE workspaces (
  id TEXT NOT NULL PRIMARY KEY,
  default_account_id TEXT,
  pacing TEXT,
  calls_per_minute BIGINT
) WITHOUT ROWID;
INSERT INTO workspaces (id) VALUES ('default');

-- session:          a Fernet token of the session as JSON; null where none is stored.
-- session_version:  grows with every change of the session and never starts again, so that no cache can be fooled.
-- session_since:    the session_version with which a person last connected or disconnected the account; a version before it
--                   belongs to a session that is no more.
-- probed_at:        when LinkedIn was last asked about the session for its own sake.
-- pacing:           the account's own rules, null where there are none.
-- rules:            all that apply to it, [workspace's, account's]; null where there are none, so that an account without
--                   pacing is seen to be one without another look.
CREATE TABLE accounts (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  profile_urn TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  public_id TEXT NOT NULL,
  picture TEXT,
  premium INTEGER,
  status TEXT NOT NULL,
  status_reason TEXT,
  enabled INTEGER NOT NULL DEFAULT 1,
  daily_limit BIGINT NOT NULL,
  hold_until BIGINT,
  session TEXT,
  session_version BIGINT NOT NULL DEFAULT 0,
  session_since BIGINT NOT NULL DEFAULT 0,
  probed_at BIGINT NOT NULL DEFAULT 0,
  pacing TEXT,
  rules TEXT,
  created_at BIGINT NOT NULL,
  UNIQUE (workspace_id, profile_urn)
);

CREATE TABLE api_keys (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  visible_part TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT
);
CREATE INDEX api_keys_workspace ON api_keys (workspace_id);

CREATE TABLE do_not_contact (
  workspace_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  reason TEXT,
  source TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, recipient)
) WITHOUT ROWID;

-- A row is one window of one action of one account; used = accepted + in flight + unknown.
CREATE TABLE quotas (
  account_id TEXT NOT NULL,
  action TEXT NOT NULL,
  window_start BIGINT NOT NULL,
  used BIGINT NOT NULL CHECK (used >= 0),
  last_taken_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, action, window_start)
) WITHOUT ROWID;

-- text:                  a Fernet token.
-- fingerprint:           keyed hash of workspace, recipient, group and text; see fingerprint.py.
-- holds_unit:            1 while a unit of the day window_start is spent on this row.
-- first_contact_window:  the month whose first contact this row counts as, null where it is none.
-- owner:                 the store instance that sends it. lease_until: when its attempt must be over.
-- answer:                'pending' until the caller's connection took it ('delivered') or could not ('lost').
-- is_open:               1 while an identical request may have to join this row instead of being sent.
-- look_at:               when an unknown row is next looked for in LinkedIn. looks: how often it was.
CREATE TABLE sends (
  id TEXT NOT NULL PRIMARY KEY,
  request_id TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  group_id TEXT NOT NULL,
  text TEXT NOT NULL,
  origin_token TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  idempotency_key TEXT,
  outcome TEXT NOT NULL,
  reason TEXT,
  refusal_status BIGINT,
  refusal_status_text TEXT,
  refusal_code TEXT,
  refusal_text TEXT,
  message_urn TEXT,
  conversation_urn TEXT,
  window_start BIGINT NOT NULL,
  holds_unit INTEGER NOT NULL,
  first_contact_window BIGINT,
  owner TEXT NOT NULL,
  lease_until BIGINT NOT NULL,
  answer TEXT NOT NULL DEFAULT 'pending',
  is_open INTEGER NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  ended_at BIGINT,
  settled_at BIGINT,
  absent_at BIGINT,
  look_at BIGINT,
  looks BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sends_account ON sends (account_id, id);
CREATE INDEX sends_contacted ON sends (account_id, recipient) WHERE holds_unit = 1;
CREATE INDEX sends_open ON sends (fingerprint) WHERE is_open = 1;
CREATE INDEX sends_in_flight ON sends (lease_until) WHERE outcome = 'in_flight';
CREATE INDEX sends_unknown ON sends (look_at) WHERE outcome = 'unknown';

-- requested_account: the account that the first request named, null where it named none.
CREATE TABLE idempotency_keys (
  workspace_id TEXT NOT NULL,
  key TEXT NOT NULL,
  send_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  requested_account TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE workers (
  id TEXT NOT NULL PRIMARY KEY,
  beat_at BIGINT NOT NULL
);
