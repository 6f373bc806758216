-- Whom the name in a profile's address belonged to, when LinkedIn was asked. A name can change hands: old rows are read anew.
-- vanity_name:  in lower case; LinkedIn does not distinguish.
CREATE TABLE resolved_people (
  workspace_id TEXT NOT NULL,
  vanity_name TEXT NOT NULL,
  recipient TEXT NOT NULL,
  public_id TEXT,
  first_name TEXT,
  last_name TEXT,
  headline TEXT,
  resolved_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, vanity_name)
) WITHOUT ROWID;
