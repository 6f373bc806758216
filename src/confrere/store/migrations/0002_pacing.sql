-- Pacing, and the care of sessions.

-- pacing:            the workspace's rules about sends as JSON, null where there are none.
-- calls_per_minute:  its rule about the calls of a key, apart because each call asks for it.
ALTER TABLE workspaces ADD COLUMN pacing TEXT;
ALTER TABLE workspaces ADD COLUMN calls_per_minute BIGINT;

-- pacing:         the account's own rules, null where there are none.
-- rules:          all that apply to it, [workspace's, account's]; null where there are none, so that an account without
--                 pacing is seen to be one without another look.
-- session_since:  the session_version with which a person last connected or disconnected the account; a version before it
--                 belongs to a session that is no more.
-- probed_at:      when LinkedIn was last asked about the session for its own sake.
ALTER TABLE accounts ADD COLUMN pacing TEXT;
ALTER TABLE accounts ADD COLUMN rules TEXT;
ALTER TABLE accounts ADD COLUMN session_since BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN probed_at BIGINT NOT NULL DEFAULT 0;
