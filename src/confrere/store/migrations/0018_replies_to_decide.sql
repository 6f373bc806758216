-- Replies that may want out and that nobody has handled: few, and counted whenever somebody looks at the overview.
CREATE INDEX replies_to_decide ON replies (workspace_id, account_id) WHERE may_want_out = 1 AND handled_at IS NULL;
