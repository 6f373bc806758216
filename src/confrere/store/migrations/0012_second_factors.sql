-- Second factors, logins by an identity provider, and what is shown of a session. Times and truth values as in 0001.

-- address, browser:  where the login came from, and the User-Agent of its browser.
ALTER TABLE user_sessions ADD COLUMN address TEXT;
ALTER TABLE user_sessions ADD COLUMN browser TEXT;

-- secret:        of the TOTP, sealed.
-- confirmed_at:  null until a code has shown that an app holds the secret; it is not asked for before.
-- last_step:     the time step of the last code that was used; an earlier one, or the same, is not taken again.
CREATE TABLE second_factors (
  user_id TEXT NOT NULL PRIMARY KEY,
  secret TEXT NOT NULL,
  confirmed_at BIGINT,
  last_step BIGINT NOT NULL
) WITHOUT ROWID;

-- hash:  SHA-256 of the user's id and the code. The row is deleted when the code is used.
CREATE TABLE recovery_codes (
  user_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (user_id, hash)
) WITHOUT ROWID;

-- Logins that are half done. The row is deleted when the login is done.
-- hash:           SHA-256 of a token: that of the form which asks for the code, or the state of an identity provider.
-- user_id:        whose password was right, for the code; null while an identity provider is asked.
-- password_hash:  the one that was right.
-- target:         the page that a login by an identity provider leads to.
CREATE TABLE pending_logins (
  hash TEXT NOT NULL PRIMARY KEY,
  user_id TEXT,
  password_hash TEXT,
  target TEXT,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Users who log in by an identity provider.
CREATE TABLE identities (
  workspace_id TEXT NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id TEXT NOT NULL,
  PRIMARY KEY (workspace_id, issuer, subject)
) WITHOUT ROWID;
CREATE INDEX identities_user ON identities (user_id);
