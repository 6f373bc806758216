-- Replies: recording and reading them.

-- name: add_reply
-- Each message of an account once.
INSERT INTO replies (id, workspace_id, account_id, recipient, name, conversation_urn, message_urn, send_id, campaign_id,
  text, kinds, received_at, may_want_out, opted_out)
VALUES (:id, :workspace_id, :account_id, :recipient, :name, :conversation_urn, :message_urn, :send_id,
  (SELECT SUBSTR(s.campaign_person_id, 1, 32) FROM sends s WHERE s.id = :send_id),
  :text, :kinds, :received_at, :may_want_out, :opted_out)
ON CONFLICT (account_id, message_urn) DO NOTHING RETURNING id;

-- name: opt_out_by_reply
-- Under the lock of the recipient, so that no message of a campaign to them is being reserved.
INSERT INTO do_not_contact (workspace_id, recipient, reason, source, added_at) VALUES ($1, $2, $3, 'reply', $4)
ON CONFLICT (workspace_id, recipient) DO NOTHING RETURNING recipient;

-- name: list_sends_to
-- The account's messages to this person that were, or may have been, sent, oldest first.
SELECT {send} FROM sends WHERE recipient = $2 AND account_id = $1 AND holds_unit = 1 ORDER BY id;

-- name: find_last_reply
-- The person's last one to this account.
SELECT message_urn, received_at FROM replies WHERE recipient = $2 AND account_id = $1
ORDER BY received_at DESC, id DESC LIMIT 1;

-- name: list_replies
-- The last recorded first: identifiers grow with time.
SELECT {reply} FROM replies WHERE workspace_id = :workspace_id AND id < COALESCE(CAST(:before_id AS TEXT), 'g')
  AND (CAST(:campaign_id AS TEXT) IS NULL OR campaign_id = :campaign_id)
  AND (CAST(:account_id AS TEXT) IS NULL OR account_id = :account_id)
  AND (CAST(:may_want_out AS INTEGER) IS NULL OR may_want_out = :may_want_out)
  AND (CAST(:recipient AS TEXT) IS NULL OR recipient = :recipient)
  AND (CAST(:handled AS INTEGER) IS NULL OR (CASE WHEN handled_at IS NULL THEN 0 ELSE 1 END) = :handled)
ORDER BY id DESC LIMIT :count;

-- name: count_repliers
-- Per account the people who have replied since then, along the index: identifiers grow with time.
SELECT account_id, COUNT(DISTINCT recipient) FROM replies WHERE workspace_id = $1 AND id >= $2 GROUP BY account_id;

-- name: count_to_decide
-- Per account the replies that may want out and that nobody has handled.
SELECT account_id, COUNT(*) FROM replies WHERE workspace_id = $1 AND may_want_out = 1 AND handled_at IS NULL
GROUP BY account_id;

-- name: read_reply
-- One reply.
SELECT {reply} FROM replies WHERE workspace_id = $1 AND id = $2;

-- name: lock_reply
-- When it was handled; kept from others until the transaction ends.
SELECT handled_at FROM replies WHERE workspace_id = $1 AND id = $2 FOR UPDATE;

-- name: mark_handled
-- Handled at $3 by $4, unless it was before; null: it is open again.
UPDATE replies SET
  handled_by = CASE WHEN CAST($3 AS BIGINT) IS NULL THEN NULL WHEN handled_at IS NULL THEN $4 ELSE handled_by END,
  handled_at = CASE WHEN CAST($3 AS BIGINT) IS NULL THEN NULL ELSE COALESCE(handled_at, CAST($3 AS BIGINT)) END
WHERE workspace_id = $1 AND id = $2 RETURNING {reply};

-- name: list_reply_texts
-- Sealed texts after a reply, in the order of the ids.
SELECT id, text FROM replies WHERE id > $1 AND text IS NOT NULL ORDER BY id LIMIT $2;

-- name: reseal_reply_text
-- The same text under another key; a text never changes otherwise.
UPDATE replies SET text = $2 WHERE id = $1;
