"""A send of no campaign costs the same number of statements whether or not campaigns exist."""

from collections import Counter
from typing import Any

import pytest

from confrere.store.postgresql.engine import PostgresqlEngine
from confrere.store.sqlite.connection import Connection
from tests.contract.store.campaigns import claim_of, started
from tests.contract.store.scene import ACCEPTED, REFUSED, THROTTLED, UNKNOWN, Scene, written
from tests.contract.store.webhooks import add_webhook, types

_OF_CAMPAIGNS = ("campaign", "person", "lane")

_ONE_CALL_EACH = Counter({"reserve": 1, "settle": 1})
_ENTRY = Counter({"take_audit_number": 1, "add_audit_entry": 1, "set_audit_seal": 1})
_STATEMENTS = {
    "accepted": Counter(
        ["find_sender", "take_unit", "take_first_contact", "add_send", "settle_accepted", "read_settled"]
    ),
}
"""On SQLite, of a first message without a key; on PostgreSQL each step is one statement."""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the statements of both engines by name."""
    counts: Counter[str] = Counter()
    ask, fetch, fetch_many = Connection.ask, PostgresqlEngine._fetch, PostgresqlEngine._fetch_many

    def counted_ask(self: Connection, query: str, *values: Any) -> Any:
        counts[query] += 1
        return ask(self, query, *values)

    async def counted_fetch(self: PostgresqlEngine, connection: Any, query: str, values: Any) -> Any:
        counts[query] += 1
        return await fetch(self, connection, query, values)

    async def counted_many(self: PostgresqlEngine, connection: Any, query: str, calls: Any) -> Any:
        counts[query] += 1
        return await fetch_many(self, connection, query, calls)

    monkeypatch.setattr(Connection, "ask", counted_ask)
    monkeypatch.setattr(PostgresqlEngine, "_fetch", counted_fetch)
    monkeypatch.setattr(PostgresqlEngine, "_fetch_many", counted_many)
    return counts


@pytest.mark.parametrize("outcome", [ACCEPTED, REFUSED, THROTTLED, UNKNOWN], ids=lambda one: one.name)
async def test_a_send_of_no_campaign_costs_what_it_did(scene: Scene, statements: Counter[str], outcome: Any) -> None:
    """To reserve and to settle it: the same statements before and after campaigns run, and none about them.

    Only a settlement that stops the account has an entry of the audit log.
    """

    async def cost() -> Counter[str]:
        await written(scene.store)
        statements.clear()
        claim = await scene.reserve(scene.to_another())
        await scene.settle(claim, outcome)
        await written(scene.store)
        return Counter(statements)

    before = await cost()
    scene.later(hours=2)  # after a hold
    campaign = await started(scene, people=3)
    await scene.settle(await scene.reserve(await claim_of(scene, campaign)), ACCEPTED)
    after = await cost()
    assert after == before
    assert not [name for name in after if any(word in name for word in _OF_CAMPAIGNS)]
    if isinstance(scene.store.engine, PostgresqlEngine):
        assert after == _ONE_CALL_EACH + (_ENTRY if outcome is THROTTLED else Counter())
    elif outcome.name in _STATEMENTS:
        assert after == _STATEMENTS[outcome.name]


async def test_a_webhook_costs_one_statement(scene: Scene, statements: Counter[str]) -> None:
    """Where a webhook wants to know of a send, its event is one more statement on SQLite, and none on PostgreSQL."""
    await add_webhook(scene)
    statements.clear()
    await scene.settle(await scene.reserve(scene.to_another()), ACCEPTED)
    if isinstance(scene.store.engine, PostgresqlEngine):
        assert statements == _ONE_CALL_EACH
    else:
        assert statements == _STATEMENTS["accepted"] + Counter({"record_send_event": 1})
    assert await types(scene) == ["send.accepted"]
