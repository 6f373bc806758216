-- The age of sessions, and what LinkedIn no longer understands. Times as in 0001.

-- connected_at:  when a person last connected the account; null where no session is stored, or that was before this was recorded
--                and before the audit log.
-- answered_at:   when LinkedIn last answered as to a session that is alive, to a minute.
ALTER TABLE accounts ADD COLUMN connected_at BIGINT;
ALTER TABLE accounts ADD COLUMN answered_at BIGINT;
UPDATE accounts SET connected_at = c.at
FROM (SELECT subject, MAX(at) AS at FROM audit WHERE action = 'account_connected' GROUP BY subject) AS c
WHERE c.subject = accounts.id AND accounts.session IS NOT NULL;

-- Kinds of requests that LinkedIn does not understand, mostly because it has renewed the query id. A row goes when a request of
-- the kind is understood again.
-- why:  one clause for people.
CREATE TABLE protocol_faults (
  kind TEXT NOT NULL PRIMARY KEY,
  why TEXT NOT NULL,
  since BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Whether somebody whom an identity provider names is a user of another workspace.
CREATE INDEX identities_subject ON identities (issuer, subject);
