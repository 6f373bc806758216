-- Changes that a restored older backup must not undo. They are copied into the journal, a file beside the secret keys.
-- at:       microseconds, as in 0001.
-- kind:     see domain/lasting.py.
-- subject:  an id; of the do-not-contact list a profile URN.
CREATE TABLE lasting_changes (
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  PRIMARY KEY (at, kind, workspace_id, subject)
) WITHOUT ROWID;
INSERT INTO lasting_changes (at, kind, workspace_id, subject)
SELECT added_at, 'listed', workspace_id, recipient FROM do_not_contact WHERE source <> 'erasure';
INSERT INTO lasting_changes (at, kind, workspace_id, subject)
SELECT revoked_at, 'key_revoked', workspace_id, id FROM api_keys WHERE revoked_at IS NOT NULL;
INSERT INTO lasting_changes (at, kind, workspace_id, subject)
SELECT disabled_at, 'user_disabled', workspace_id, id FROM users WHERE disabled_at IS NOT NULL;

-- looks_until:  until when an account that was released after a restore looks for messages of the lost time; null before that.
ALTER TABLE accounts ADD COLUMN looks_until BIGINT;
UPDATE accounts SET looks_until = lost_until + 2592000000000 WHERE lost_until IS NOT NULL AND hold_until IS NULL;
