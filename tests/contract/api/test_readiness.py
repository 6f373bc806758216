"""`/ready` reports whether this process can work, and the remedy if it cannot."""

from datetime import UTC, datetime, timedelta

import pytest

from confrere.domain.errors import ClockWrong, StoreDamaged
from confrere.domain.keys import Scope
from confrere.store import SqlStore
from tests.contract.api.conftest import Api
from tests.contract.api.management import calling

ALL_WELL = {
    "status": "ok",
    "checks": dict.fromkeys(("store", "clock", "worker", "accounts", "replies", "protocol"), "ok"),
}


def store_of(api: Api) -> SqlStore:
    """Return the store of the server."""
    store = api.services.store
    assert isinstance(store, SqlStore)
    return store


async def ready(api: Api) -> tuple[int, object]:
    """Return status and body of `/ready`."""
    answer = await api.http.get("/ready")
    return answer.status, await answer.json()


async def test_not_ready_where_nothing_can_be_written(api: Api) -> None:
    """A full disk answers sends and `/ready` with 503, until a write succeeds again."""
    await api.services.health.beat(is_worker=True)
    assert await ready(api) == (200, ALL_WELL)
    raw = store_of(api).engine._writer._connection.raw  # type: ignore[attr-defined]
    raw.set_commit_hook(lambda: True)
    assert (await api.send()).status == 503
    status, body = await ready(api)
    assert (status, body["status"]) == (503, "not ready")  # type: ignore[index]
    assert body["checks"]["store"].startswith("SQLite: ConstraintError")  # type: ignore[index]
    raw.set_commit_hook(None)
    await api.services.health.beat(is_worker=True)
    assert await ready(api) == (200, ALL_WELL)


async def test_a_clock_that_went_back_is_reported_by_send_and_readiness(api: Api) -> None:
    """After the clock went back, send and `/ready` report the contradiction and the remedy; nothing is sent."""
    await api.services.health.beat(is_worker=True)
    right = api.services.sender._clock
    for part in (api.services.sender, api.services.sender._joiner):
        part._clock = lambda: datetime.now(UTC) + timedelta(days=2)
    assert (await api.send()).status == 200
    for part in (api.services.sender, api.services.sender._joiner):
        part._clock = right
    refused = await api.send()
    body = await refused.json()
    assert (refused.status, list(body), body["success"]) == (503, ["error", "success"], False)
    assert body["error"].startswith("The clock went back: it says ")
    assert body["error"].endswith("run `confrere accept-clock`; nothing was sent")
    assert len(api.upstream.seen) == 1
    status, state = await ready(api)
    assert status == 503
    assert state["checks"]["clock"].startswith("The clock went back")  # type: ignore[index]


@pytest.mark.parametrize("fault", [StoreDamaged("SQLite: the file is damaged"), ClockWrong("The clock is wrong")])
async def test_both_apis_report_a_store_fault_with_its_remedy(
    api: Api, monkeypatch: pytest.MonkeyPatch, fault: ClockWrong | StoreDamaged
) -> None:
    """A store with a known remedy is a 503 with fault and remedy, and not the text for a passing fault."""

    async def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(SqlStore, "list_accounts", fail)
    answer = await api.http.get("/linkedin/accounts")
    assert answer.status == 503
    assert await answer.json() == {"error": f"{fault.advice}; nothing was sent", "success": False}
    async with calling(api, Scope.ADMIN) as caller:
        reply = await caller.ask("GET", "/accounts")
        assert (reply.status, reply.body["detail"]) == (503, fault.advice)
