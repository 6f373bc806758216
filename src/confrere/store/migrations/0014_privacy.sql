-- Restored backups and erased persons. Times and truth values as in 0001.

-- lost_from, lost_until:  between a backup and its restoring: messages of that time are in no row. Null where there are none.
ALTER TABLE accounts ADD COLUMN lost_from BIGINT;
ALTER TABLE accounts ADD COLUMN lost_until BIGINT;

-- With sends_contacted it finds all sends to a person. A message that is accepted is never in it.
CREATE INDEX sends_not_accepted ON sends (recipient) WHERE holds_unit = 0;

-- Erasures that are to be run once more: a message was on its way, or a transaction that began before might still have written.
-- person:     what stands in place of the profile URN, as on the do-not-contact list.
-- recipient:  a Fernet token of the profile URN.
-- due_at:     not before then.
CREATE TABLE pending_erasures (
  workspace_id TEXT NOT NULL,
  person TEXT NOT NULL,
  recipient TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, person)
) WITHOUT ROWID;
