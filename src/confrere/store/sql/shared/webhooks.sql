-- Webhooks: the events that other transactions write, then endpoints, bodies and deliveries. Facts are JSON in the words of
-- the events' `data`; times in them are microseconds.

-- name: record_send_event
-- What a send has become; once for each outcome.
INSERT INTO webhook_events (id, workspace_id, type, subject, recipient, facts, occurred_at)
SELECT s.id || '.' || s.outcome, s.workspace_id,
  'send.' || CASE WHEN s.outcome IN ('accepted', 'refused', 'unknown') THEN s.outcome ELSE 'not_sent' END, s.id, s.recipient,
  CAST({json_object}('sendId', s.id, 'requestId', s.request_id, 'accountId', s.account_id, 'recipientProfileUrn', s.recipient,
    'groupId', NULLIF(s.group_id, ''), 'campaignId', SUBSTR(s.campaign_person_id, 1, 32), 'outcome', s.outcome,
    'reason', s.reason, 'messageUrn', s.message_urn, 'conversationUrn', s.conversation_urn,
    'refusalStatus', s.refusal_status, 'refusalStatusText', s.refusal_status_text, 'refusalCode', s.refusal_code,
    'refusalText', s.refusal_text, 'idempotencyKey', s.idempotency_key, 'createdAt', s.created_at,
    'settledAt', s.settled_at) AS TEXT), s.settled_at
FROM sends s WHERE s.id = $1 AND s.outcome <> 'in_flight' AND EXISTS (SELECT 1 FROM webhooks w
  WHERE w.workspace_id = s.workspace_id AND w.enabled = 1 AND w.events LIKE '% send.%')
ON CONFLICT (id) DO NOTHING;

-- name: record_reply_event
-- A reply was recorded; its text is read when the body is made.
INSERT INTO webhook_events (id, workspace_id, type, subject, recipient, facts, occurred_at)
SELECT r.id || '.received', r.workspace_id, 'message.received', r.id, r.recipient, '{}', r.received_at
FROM replies r WHERE r.id = $1 AND EXISTS (SELECT 1 FROM webhooks w
  WHERE w.workspace_id = r.workspace_id AND w.enabled = 1 AND w.events LIKE '% message.received %')
ON CONFLICT (id) DO NOTHING;

-- name: record_campaign_event
-- The campaign $1 has reached a status at $2. $3 tells apart what one transaction reports of it.
INSERT INTO webhook_events (id, workspace_id, type, subject, facts, occurred_at)
SELECT c.id || '.' || c.status || '.' || CAST($2 AS BIGINT) || CAST($3 AS TEXT), c.workspace_id,
  CASE c.status WHEN 'running' THEN 'campaign.started' WHEN 'paused' THEN 'campaign.paused' ELSE 'campaign.finished' END, c.id,
  CAST({json_object}('campaignId', c.id, 'name', c.name, 'accountId', c.account_id, 'groupId', c.group_id,
    'status', c.status, 'cause', c.cause, 'startedAt', c.started_at, 'endedAt', c.ended_at) AS TEXT), CAST($2 AS BIGINT)
FROM campaigns c WHERE c.id = $1 AND c.status IN ('running', 'paused', 'finished', 'stopped') AND EXISTS (
  SELECT 1 FROM webhooks w WHERE w.workspace_id = c.workspace_id AND w.enabled = 1 AND w.events LIKE '% campaign.%')
ON CONFLICT (id) DO NOTHING;

-- name: record_hold_event
-- Before the account is held until $2, at $3.
INSERT INTO webhook_events (id, workspace_id, type, subject, facts, occurred_at)
SELECT a.id || '.held.' || CAST($2 AS BIGINT), a.workspace_id, 'account.held', a.id,
  CAST({json_object}('accountId', a.id, 'firstName', a.first_name, 'lastName', a.last_name, 'profileUrn', a.profile_urn,
    'holdUntil', CAST($2 AS BIGINT)) AS TEXT), CAST($3 AS BIGINT)
FROM accounts a WHERE a.id = $1 AND EXISTS (
  SELECT 1 FROM webhooks w WHERE w.workspace_id = a.workspace_id AND w.enabled = 1 AND w.events LIKE '% account.%')
ON CONFLICT (id) DO NOTHING RETURNING subject;

-- name: remember_hold
-- Its end is to be reported.
INSERT INTO webhook_holds (account_id) VALUES ($1) ON CONFLICT (account_id) DO NOTHING;

-- name: record_session_event
-- Before the account's session is recorded to be dead for the reason $2, at $3: once for each session.
INSERT INTO webhook_events (id, workspace_id, type, subject, facts, occurred_at)
SELECT a.id || '.session_dead.' || a.session_since, a.workspace_id, 'account.session_dead', a.id,
  CAST({json_object}('accountId', a.id, 'firstName', a.first_name, 'lastName', a.last_name, 'profileUrn', a.profile_urn,
    'reason', CAST($2 AS TEXT)) AS TEXT), CAST($3 AS BIGINT)
FROM accounts a WHERE a.id = $1 AND EXISTS (SELECT 1 FROM webhooks w
    WHERE w.workspace_id = a.workspace_id AND w.enabled = 1 AND w.events LIKE '% account.%')
ON CONFLICT (id) DO NOTHING;

-- name: record_available_event
-- The account can be used again, at $2.
INSERT INTO webhook_events (id, workspace_id, type, subject, facts, occurred_at)
SELECT a.id || '.available.' || CAST($2 AS BIGINT), a.workspace_id, 'account.available', a.id,
  CAST({json_object}('accountId', a.id, 'firstName', a.first_name, 'lastName', a.last_name, 'profileUrn', a.profile_urn)
    AS TEXT), CAST($2 AS BIGINT)
FROM accounts a WHERE a.id = $1 AND a.enabled = 1 AND a.session IS NOT NULL AND a.status <> 'ERROR'
  AND (a.hold_until IS NULL OR a.hold_until <= CAST($2 AS BIGINT)) AND EXISTS (SELECT 1 FROM webhooks w
    WHERE w.workspace_id = a.workspace_id AND w.enabled = 1 AND w.events LIKE '% account.%')
ON CONFLICT (id) DO NOTHING;

-- name: is_hold_over
-- Whether there is any whose end is to be reported.
SELECT 1 FROM webhook_holds h JOIN accounts a ON a.id = h.account_id
WHERE a.hold_until IS NULL OR a.hold_until <= $1 LIMIT 1;

-- name: take_ended_holds
-- Who deletes the row reports it.
DELETE FROM webhook_holds WHERE account_id IN (SELECT a.id FROM accounts a WHERE a.hold_until IS NULL OR a.hold_until <= $1)
RETURNING account_id;

-- name: forget_hold
-- Its end is reported by another way.
DELETE FROM webhook_holds WHERE account_id = $1;

-- name: record_quota_event
-- The account has used up the day that begins at $2; once a day. $3: the limit, $4: now.
INSERT INTO webhook_events (id, workspace_id, type, subject, facts, occurred_at)
SELECT a.id || '.used_up.' || CAST($2 AS BIGINT), a.workspace_id, 'quota.used_up', a.id,
  CAST({json_object}('accountId', a.id, 'firstName', a.first_name, 'lastName', a.last_name, 'profileUrn', a.profile_urn,
    'action', 'MESSAGE', 'limit', CAST($3 AS BIGINT), 'windowStartedAt', CAST($2 AS BIGINT),
    'resetsAt', CAST($2 AS BIGINT) + 86400000000) AS TEXT), CAST($4 AS BIGINT)
FROM accounts a WHERE a.id = $1 AND EXISTS (SELECT 1 FROM webhooks w
  WHERE w.workspace_id = a.workspace_id AND w.enabled = 1 AND w.events LIKE '% quota.used_up %')
ON CONFLICT (id) DO NOTHING;

-- name: record_disabled_event
-- A webhook was disabled by itself at $2: reported to the workspace's other ones.
INSERT INTO webhook_events (id, workspace_id, type, subject, facts, occurred_at)
SELECT d.id || '.disabled.' || CAST($2 AS BIGINT), d.workspace_id, 'webhook.disabled', d.id,
  CAST({json_object}('webhookId', d.id, 'description', d.description, 'reason', d.disabled_reason,
    'failingSince', d.failing_since) AS TEXT), CAST($2 AS BIGINT)
FROM webhooks d WHERE d.id = $1 AND EXISTS (SELECT 1 FROM webhooks w
  WHERE w.workspace_id = d.workspace_id AND w.enabled = 1 AND w.events LIKE '% webhook.disabled %')
ON CONFLICT (id) DO NOTHING;

-- name: add_webhook
-- An endpoint.
INSERT INTO webhooks (id, workspace_id, url, description, events, secret, created_at)
VALUES (:id, :workspace_id, :url, :description, :events, :secret, :created_at);

-- name: list_webhooks
-- The oldest first.
SELECT {webhook} FROM webhooks WHERE workspace_id = $1 ORDER BY id;

-- name: read_webhook
-- One of them.
SELECT {webhook} FROM webhooks WHERE workspace_id = $1 AND id = $2;

-- name: lock_webhook
-- One of them, kept from others until the transaction ends.
SELECT {webhook} FROM webhooks WHERE workspace_id = $1 AND id = $2 FOR UPDATE;

-- name: change_webhook
-- What is null here stays. Whoever enables it begins to count failures anew.
UPDATE webhooks SET url = COALESCE(CAST(:url AS TEXT), url), description = COALESCE(CAST(:description AS TEXT), description),
  events = COALESCE(CAST(:events AS TEXT), events), enabled = COALESCE(CAST(:enabled AS INTEGER), enabled),
  disabled_reason = CASE WHEN CAST(:enabled AS INTEGER) IS NULL THEN disabled_reason END,
  failing_since = CASE WHEN CAST(:enabled AS INTEGER) = 1 AND enabled = 0 THEN NULL ELSE failing_since END
WHERE workspace_id = :workspace_id AND id = :id RETURNING {webhook};

-- name: delete_webhook
-- Its deliveries are deleted with it.
DELETE FROM webhooks WHERE workspace_id = $1 AND id = $2 RETURNING id;

-- name: delete_deliveries_of
-- Of one webhook.
DELETE FROM webhook_deliveries WHERE webhook_id = $1;

-- name: rotate_webhook_secret
-- The one before signs until $4, too.
UPDATE webhooks SET previous_secret = secret, previous_until = $4, secret = $3
WHERE workspace_id = $1 AND id = $2 RETURNING {webhook};

-- name: disable_webhook
-- By itself, for the reason $2.
UPDATE webhooks SET enabled = 0, disabled_reason = $2 WHERE id = $1 AND enabled = 1 RETURNING workspace_id;

-- name: end_pending_deliveries
-- Nothing more is tried of a webhook that is disabled; what is under way may still succeed.
UPDATE webhook_deliveries SET status = 'failed', next_at = NULL, last_error = 'the webhook was disabled'
WHERE webhook_id = $1 AND next_at IS NOT NULL AND lease_until IS NULL;

-- name: set_failing_since
-- The first failure after the last success; null: it has just succeeded.
UPDATE webhooks SET failing_since = $2 WHERE id = $1;

-- name: read_failing_since
-- Locked: failures at the same time disable it once.
SELECT failing_since, enabled FROM webhooks WHERE id = $1 FOR UPDATE;

-- name: count_disabled_webhooks
-- Those that were disabled by themselves, in all workspaces.
SELECT COUNT(*) FROM webhooks WHERE disabled_reason IS NOT NULL;

-- name: list_new_events
-- Whose bodies are not made yet.
SELECT id, workspace_id, type, subject, facts, occurred_at FROM webhook_events
WHERE body IS NULL ORDER BY occurred_at LIMIT $1;

-- name: set_event_body
-- The first who makes the body is the one.
UPDATE webhook_events SET body = $2, facts = NULL WHERE id = $1 AND body IS NULL RETURNING id;

-- name: add_deliveries
-- Of the event $1 to every webhook that wants it. A delivery's id is $2, half of an id, and the end of the webhook's.
INSERT INTO webhook_deliveries (id, workspace_id, webhook_id, event_id, event, status, next_at, created_at)
SELECT CAST($2 AS TEXT) || SUBSTR(w.id, 17, 16), w.workspace_id, w.id, e.id, e.type, 'pending', $3, $3
FROM webhook_events e JOIN webhooks w ON w.workspace_id = e.workspace_id
WHERE e.id = $1 AND w.enabled = 1 AND w.events LIKE '% ' || e.type || ' %' RETURNING id;

-- name: delete_event
-- An event that nobody wants any more.
DELETE FROM webhook_events WHERE id = $1;

-- name: add_event
-- An event with its body, for one webhook.
INSERT INTO webhook_events (id, workspace_id, type, subject, body, occurred_at) VALUES ($1, $2, $3, $4, $5, $6);

-- name: add_delivery
-- Of one event to one webhook.
INSERT INTO webhook_deliveries (id, workspace_id, webhook_id, event_id, event, status, next_at, created_at)
VALUES (:id, :workspace_id, :webhook_id, :event_id, :event, 'pending', :now, :now);

-- name: is_delivery_due
-- Whether there is anything to claim.
SELECT 1 FROM webhooks w WHERE w.enabled = 1 AND EXISTS (SELECT 1 FROM webhook_deliveries d
  WHERE d.webhook_id = w.id AND d.next_at <= $1) LIMIT 1;

-- name: lock_due_webhooks
-- Endpoints that something is due to, kept from other workers' claims until the transaction ends: all lock them in one order.
SELECT w.id, w.url, w.secret, CASE WHEN w.previous_until > $1 THEN w.previous_secret END FROM webhooks w
WHERE w.enabled = 1 AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.next_at <= $1)
ORDER BY w.id FOR UPDATE;

-- name: count_leased_deliveries
-- How many are under way to each endpoint. SQLite would read the whole log, for its grouping.
SELECT webhook_id, COUNT(*) FROM webhook_deliveries INDEXED BY webhook_deliveries_leased WHERE lease_until > $1
GROUP BY webhook_id;

-- name: lease_deliveries
-- The longest due first. Their next time is the lease's end.
UPDATE webhook_deliveries SET owner = $3, lease_until = $4, next_at = $4 WHERE id IN (
  SELECT d.id FROM webhook_deliveries d WHERE d.webhook_id = $1 AND d.next_at <= $2 ORDER BY d.next_at LIMIT $5)
RETURNING id, workspace_id, event_id, attempts, (SELECT e.body FROM webhook_events e WHERE e.id = event_id);

-- name: fail_old_deliveries
-- What was made before $1 is not tried any more, for the reason $2.
UPDATE webhook_deliveries SET status = 'failed', next_at = NULL, lease_until = NULL, last_error = $2
WHERE next_at IS NOT NULL AND created_at < $1;

-- name: delete_old_new_events
-- What has happened before $1 and was given to no delivery yet.
DELETE FROM webhook_events WHERE body IS NULL AND occurred_at < $1;

-- name: list_leased_deliveries
-- Who tries what.
SELECT id, owner, lease_until FROM webhook_deliveries WHERE lease_until IS NOT NULL;

-- name: free_delivery
-- Its process is dead.
UPDATE webhook_deliveries SET lease_until = NULL, next_at = $4 WHERE id = $1 AND owner = $2 AND lease_until = $3;

-- name: end_try
-- What came of a try, by the one who holds the lease. An event that cannot be tried again has no next time.
UPDATE webhook_deliveries SET status = :status, attempts = attempts + 1, last_status = :last_status,
  last_error = :last_error, last_answer = :last_answer, last_at = :now, next_at = :next_at, lease_until = NULL
WHERE id = :id AND owner = :owner AND lease_until = :lease_until RETURNING id;

-- name: list_deliveries
-- Newest first: identifiers grow with time.
SELECT {delivery} FROM webhook_deliveries WHERE workspace_id = :workspace_id AND webhook_id = :webhook_id
  AND id < COALESCE(CAST(:before_id AS TEXT), 'g') AND (CAST(:status AS TEXT) IS NULL OR status = :status)
ORDER BY id DESC LIMIT :count;

-- name: read_delivery
-- One of them.
SELECT {delivery} FROM webhook_deliveries WHERE workspace_id = $1 AND id = $2;

-- name: count_open_deliveries
-- Deliveries of an event to a webhook that have not ended.
SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = $1 AND event_id = $2 AND next_at IS NOT NULL;

-- name: delete_old_deliveries
-- At most $2 that were made before $1: identifiers grow with time.
DELETE FROM webhook_deliveries WHERE id IN (SELECT d.id FROM webhook_deliveries d
  WHERE d.id < $1 ORDER BY d.id LIMIT $2) RETURNING id;

-- name: delete_old_events
-- At most $2 that are older than $1 and have no delivery.
DELETE FROM webhook_events WHERE id IN (SELECT e.id FROM webhook_events e WHERE e.occurred_at < $1 AND e.body IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.event_id = e.id) ORDER BY e.occurred_at LIMIT $2) RETURNING id;

-- name: list_webhook_secrets
-- All sealed secrets of webhooks.
SELECT id, secret, previous_secret FROM webhooks;

-- name: reseal_webhook_secret
-- The same secrets under another key, unless they were rotated meanwhile.
UPDATE webhooks SET secret = $3, previous_secret = $4 WHERE id = $1 AND secret = $2;

-- name: list_event_bodies
-- Sealed bodies after an event, in the order of the ids.
SELECT id, body FROM webhook_events WHERE id > $1 AND body IS NOT NULL ORDER BY id LIMIT $2;

-- name: reseal_event_body
-- The same body under another key; a body never changes otherwise.
UPDATE webhook_events SET body = $2 WHERE id = $1;

-- name: list_delivery_answers
-- Sealed answers after a delivery, in the order of the ids.
SELECT id, last_answer FROM webhook_deliveries WHERE id > $1 AND last_answer IS NOT NULL ORDER BY id LIMIT $2;

-- name: reseal_delivery_answer
-- The same answer under another key, unless there is a later one.
UPDATE webhook_deliveries SET last_answer = $3 WHERE id = $1 AND last_answer = $2;
