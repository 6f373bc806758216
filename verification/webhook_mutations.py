"""The mutations of what keeps webhooks: see `mutations`."""

from verification.mutation import Mutation

_SQL = "store/sql/shared/webhooks.sql"
_QUEUE = "store/webhook_queue.py"
_STORE = "store/webhooks.py"
_TRANSACTIONS = "store/sqlite/reserve_and_settle.py"
_FUNCTIONS = "store/sql/functions.sql"
_TARGET = "webhooks/target.py"
_POSTER = "webhooks/poster.py"
_EVENTS = ("contract:tests/contract/store/test_webhook_events.py",)
_LEASES = ("contract:tests/contract/store/test_webhook_queue.py",)
_SENT = ("contract:tests/contract/webhooks/test_delivery.py",)
_ADDRESSES = ("contract:tests/unit/webhooks/test_target.py",)
_BYTES = ("contract:tests/unit/webhooks/test_schedule.py",)

WEBHOOK_MUTATIONS = [
    Mutation("an outcome is not reported", _TRANSACTIONS, "if is_moved and is_watched:", "if False:", _EVENTS),
    Mutation(
        "an outcome is not reported by PostgreSQL",
        _FUNCTIONS,
        "IF is_moved AND is_watched THEN",
        "IF FALSE THEN",
        _EVENTS,
        "postgresql",
    ),
    Mutation(
        "what a dead process left is not reported",
        "store/repeats.py",
        '    if row is not None:\n        yield Query("record_send_event", (send_id,))\n',
        "",
        _EVENTS,
    ),
    Mutation(
        "a disabled webhook has events",
        _SQL,
        "w.workspace_id = r.workspace_id AND w.enabled = 1 AND w.events",
        "w.workspace_id = r.workspace_id AND w.events",
        _EVENTS,
    ),
    Mutation(
        "a body is made twice",
        _SQL,
        "SET body = $2, facts = NULL WHERE id = $1 AND body IS NULL RETURNING id",
        "SET body = $2, facts = NULL WHERE id = $1 RETURNING id",
        _LEASES,
    ),
    Mutation(
        "one endpoint takes all places",
        _QUEUE,
        "room = min(at_once - under_way.get(endpoint.webhook_id, 0), count - len(leased))",
        "room = count - len(leased)",
        _LEASES,
    ),
    Mutation(
        "a delivery is tried by two",
        _SQL,
        "SET owner = $3, lease_until = $4, next_at = $4 WHERE id IN",
        "SET owner = $3, lease_until = $4, next_at = $2 WHERE id IN",
        _LEASES,
    ),
    Mutation(
        "a late worker overwrites a try",
        _SQL,
        "WHERE id = :id AND owner = :owner AND lease_until = :lease_until RETURNING id;",
        "WHERE id = :id AND :owner = :owner AND :lease_until = :lease_until RETURNING id;",
        _LEASES,
    ),
    Mutation("410 does not disable", _QUEUE, "if result.status == GONE:", "if False:", _LEASES),
    Mutation(
        "five days of failures do not disable",
        _QUEUE,
        "elif now - failing_since >= _DISABLED_AFTER:",
        "elif False:",
        _LEASES,
    ),
    Mutation(
        "an event is sent again while it is tried",
        _STORE,
        "        raise DeliveryInProgress\n",
        "        pass\n",
        _LEASES,
    ),
    Mutation(
        "a private address is connected to",
        _TARGET,
        "            raise TargetRefused\n",
        "            pass\n",
        _SENT,
    ),
    Mutation(
        "an IPv4 address within IPv6 is not seen",
        _TARGET,
        "        if inner is not None:",
        "        if inner is None and inner is not None:",
        _ADDRESSES,
    ),
    Mutation("a redirect is followed", _POSTER, "allow_redirects=False", "allow_redirects=True", _SENT),
    Mutation("an answer is unpacked", _POSTER, "auto_decompress=False", "auto_decompress=True", _SENT),
    Mutation(
        "only the new secret signs",
        _POSTER,
        "for secret in secrets)",
        "for secret in secrets[:1])",
        _SENT,
    ),
    Mutation("the bytes are not ASCII", "domain/webhooks.py", "ensure_ascii=True", "ensure_ascii=False", _BYTES),
]
