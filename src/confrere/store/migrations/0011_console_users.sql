-- Users of the console, their sessions, their invites, and their attempts to log in. Times and truth values as in 0001.

-- login_name:     the name as names are compared.
-- accounts:       ids of the accounts that they see, separated by spaces; null means all.
-- password_hash:  argon2id, in its own format; null where they enter by links only.
CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  name TEXT NOT NULL,
  login_name TEXT NOT NULL,
  role TEXT NOT NULL,
  inbox INTEGER NOT NULL,
  accounts TEXT,
  password_hash TEXT,
  created_at BIGINT NOT NULL,
  disabled_at BIGINT,
  logged_in_at BIGINT,
  UNIQUE (workspace_id, login_name)
);

-- hash:  SHA-256 of the token in the browser's cookie.
CREATE TABLE user_sessions (
  hash TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX user_sessions_user ON user_sessions (user_id);

-- hash:  SHA-256 of the token in the link. The row is deleted when the link is used.
CREATE TABLE invites (
  hash TEXT NOT NULL PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  role TEXT NOT NULL,
  inbox INTEGER NOT NULL,
  accounts TEXT,
  user_id TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;

-- subject:  a hash of a name, or of an address.
-- next_at:  when the next attempt may be made.
CREATE TABLE login_attempts (
  subject TEXT NOT NULL PRIMARY KEY,
  attempts BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_attempts_last ON login_attempts (last_at);

-- Who did what. Rows are added only, each in the transaction of the change that it is about.
-- actor_kind, actor_id:  'user' and 'key' have an id.
-- hash:                  keyed; of this row and of the hash of the one before.
CREATE TABLE audit (
  workspace_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT,
  address TEXT,
  request_id TEXT,
  action TEXT NOT NULL,
  subject TEXT,
  detail TEXT,
  hash TEXT NOT NULL,
  PRIMARY KEY (workspace_id, number)
) WITHOUT ROWID;

-- number, seal:  of the last entry: its number and its hash.
CREATE TABLE audit_heads (
  workspace_id TEXT NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  seal TEXT NOT NULL
) WITHOUT ROWID;
