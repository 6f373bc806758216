-- Workspaces have names. Times as in 0001.

-- created_at:  null for the workspace that the store began with.
ALTER TABLE workspaces ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE workspaces ADD COLUMN created_at BIGINT;
UPDATE workspaces SET name = id;
CREATE UNIQUE INDEX workspaces_name ON workspaces (name);

-- A member of LinkedIn is an account of one workspace only: several would each have a day's messages.
CREATE UNIQUE INDEX accounts_member ON accounts (profile_urn);

-- A user logs in by name alone: it says in which workspace they work.
CREATE UNIQUE INDEX users_login ON users (login_name);
