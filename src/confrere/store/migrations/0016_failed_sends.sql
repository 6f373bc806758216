-- Sends of a workspace that hold no unit, by outcome, the newest last: for lists of one outcome or one
-- recipient, and for counts by day. Most sends are accepted, so that most settlements write nothing into it.
CREATE INDEX sends_failed ON sends (workspace_id, outcome, id, window_start, account_id, recipient) WHERE holds_unit = 0;
