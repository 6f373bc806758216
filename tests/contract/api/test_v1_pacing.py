"""Pacing over the management API."""

from typing import Any

import pytest

from confrere.domain.group import KnownGroup
from confrere.domain.keys import Scope
from tests.contract.api.conftest import Api
from tests.contract.api.management import calling

OFF = {
    "writesPerMinute": None,
    "callsPerMinute": None,
    "minGapSeconds": None,
    "sendingHours": None,
    "firstContactsPerMonth": None,
    "warmUp": None,
    "repeatWindowSeconds": None,
    "groupMonthlyShare": None,
}
HOURS = {"timeZone": "Europe/Berlin", "weekdays": ["mon", "fri"], "from": "22:00", "to": "06:00"}
WARM_UP = {"startsOn": "2026-03-01", "firstDay": 5, "growthPerDay": 2}


async def test_rules_of_the_workspace_are_read_and_replaced(api: Api) -> None:
    """The workspace's rules can be written as they were read; omitted ones are off."""
    async with calling(api, Scope.ADMIN) as caller:
        assert await caller.get("/pacing") == OFF
        rules = {**OFF, "callsPerMinute": 600, "minGapSeconds": 2.5, "sendingHours": HOURS, "warmUp": WARM_UP}
        reply = await caller.ask("PUT", "/pacing", json=rules)
        assert (reply.status, reply.body) == (200, rules)
        assert await caller.get("/pacing") == rules
        reply = await caller.ask("PUT", "/pacing", json={"writesPerMinute": 4})
        assert reply.body == await caller.get("/pacing") == {**OFF, "writesPerMinute": 4}


async def test_rules_of_an_account_are_changed_one_by_one(api: Api) -> None:
    """An account's rules change one by one: null removes a rule, and an absent one stays."""
    async with calling(api, Scope.ADMIN) as caller:
        path = f"/accounts/{api.account.id}"
        body = {"dailyLimit": 40, "pacing": {"writesPerMinute": 4, "warmUp": WARM_UP}}
        reply = await caller.ask("PATCH", path, json=body)
        assert (reply.body["dailyLimit"], reply.body["pacing"]) == (
            40,
            {**OFF, "writesPerMinute": 4, "warmUp": WARM_UP},
        )
        reply = await caller.ask("PATCH", path, json={"pacing": {"warmUp": None, "minGapSeconds": 1}})
        assert reply.body["pacing"] == {**OFF, "writesPerMinute": 4, "minGapSeconds": 1.0}
        assert (await caller.get(path))["pacing"] == reply.body["pacing"]
        assert await caller.get("/pacing") == OFF


@pytest.mark.parametrize(
    ("method", "body", "field"),
    [
        ("PUT", {"writesPerMinute": 0}, "writesPerMinute"),
        ("PUT", {"writesPerMinut": 4}, "pacing"),
        ("PUT", {"sendingHours": {**HOURS, "timeZone": "Mars"}}, "sendingHours.timeZone"),
        ("PATCH", {"pacing": []}, "pacing"),
        ("PATCH", {"pacing": {"callsPerMinute": 4}}, "callsPerMinute"),
        ("PATCH", {"pacing": {"minGapSeconds": 5}, "dailyLimit": 151}, "dailyLimit"),
        ("PATCH", {"pacing": {"groupMonthlyShare": 5}}, "groupMonthlyShare"),
        ("PUT", {"groupMonthlyShare": 0}, "groupMonthlyShare"),
        ("PUT", {"groupMonthlyShare": 101}, "groupMonthlyShare"),
        ("PUT", {"groupMonthlyShare": True}, "groupMonthlyShare"),
    ],
)
async def test_rules_that_cannot_be_used_change_nothing(api: Api, method: str, body: Any, field: str) -> None:
    """An unusable rule is reported by field, and nothing of the request is applied."""
    async with calling(api, Scope.ADMIN) as caller:
        path = "/pacing" if method == "PUT" else f"/accounts/{api.account.id}"
        reply = await caller.ask(method, path, json=body)
        assert reply.problem(400, "invalidField")["field"] == field
        assert await caller.get("/pacing") == OFF
        assert (await caller.get(f"/accounts/{api.account.id}"))["pacing"] == OFF


async def test_rules_are_set_by_admins_of_their_workspace(api: Api) -> None:
    """Setting rules needs the scope `admin`, reading them less; each workspace has its own."""
    async with calling(api, Scope.READ) as caller:
        assert await caller.get("/pacing") == OFF
        (await caller.ask("PUT", "/pacing", json={})).problem(403, "scopeMissing")
    async with calling(api, Scope.ADMIN, workspace_id="another") as caller:
        assert (await caller.ask("PUT", "/pacing", json={"minGapSeconds": 9})).status == 200
        (await caller.ask("PATCH", f"/accounts/{api.account.id}", json={"pacing": {}})).problem(404, "notFound")
    async with calling(api, Scope.READ) as caller:
        assert await caller.get("/pacing") == OFF


async def test_a_group_shows_its_share(api: Api) -> None:
    """A group shows how many members were first written to, with the limit where it is known."""
    group = {"groupId": "12345678", "firstContacts": 0, "members": None, "monthlyShare": None, "limit": None}
    async with calling(api, Scope.ADMIN) as caller:
        shown = await caller.get("/groups/12345678")
        resets_at = shown.pop("resetsAt")
        assert shown == group
        assert resets_at.endswith("-01T00:00:00Z")
        assert (await api.send("first")).status == 200
        await api.services.store.keep_groups("default", [KnownGroup("12345678", members=40)])
        assert (await caller.ask("PUT", "/pacing", json={"groupMonthlyShare": 2.5})).status == 200
        limited = {**group, "firstContacts": 1, "members": 40, "monthlyShare": 2.5, "limit": 1, "resetsAt": resets_at}
        assert await caller.get("/groups/12345678") == limited
        (await caller.ask("GET", "/groups/members")).problem(404, "notFound")


async def test_send_that_is_too_fast_is_the_429_of_limits(api: Api) -> None:
    """A send that breaks a rule gets the documented 429 with the rule's name, the day's quota and Retry-After."""
    async with calling(api, Scope.ADMIN) as caller:
        await caller.ask("PATCH", f"/accounts/{api.account.id}", json={"pacing": {"minGapSeconds": 60}})
        assert (await api.send("first")).status == 200
        async with await api.send("second") as refused:
            assert refused.status == 429
            assert await refused.text() == '{"error":"Rate limit exceeded for MIN_GAP: 1/1 used","success":false}'
            assert 1 <= int(refused.headers["Retry-After"]) <= 60
            assert refused.headers["X-RateLimit-Action"] == "MESSAGE"
            assert (refused.headers["X-RateLimit-Used"], refused.headers["X-RateLimit-Remaining"]) == ("1", "149")


async def test_a_key_over_its_call_limit_gets_a_429_of_both_apis(api: Api) -> None:
    """A key over its call limit gets a 429 in the format of each API; rejected calls do not count."""
    async with calling(api, Scope.ADMIN) as caller:
        await caller.ask("PUT", "/pacing", json={"callsPerMinute": 2})
        assert await caller.get("/pacing") == {**OFF, "callsPerMinute": 2}
        assert (await caller.ask("GET", "/accounts")).status == 200
        reply = await caller.ask("GET", "/accounts")
        assert reply.problem(429, "limitReached")["detail"] == "Rate limit exceeded for CALLS_PER_MINUTE: 2/2 used"
        assert int(reply.headers["Retry-After"]) <= 60
    for _ in range(2):
        assert (await api.send("within")).status == 200
    async with await api.send("beyond") as refused:
        assert refused.status == 429
        assert await refused.text() == '{"error":"Rate limit exceeded for CALLS_PER_MINUTE: 2/2 used","success":false}'
        assert (refused.headers["X-RateLimit-Action"], refused.headers["X-RateLimit-Used"]) == ("MESSAGE", "0")


async def test_a_repeat_window_gives_a_200_again(api: Api) -> None:
    """Within the repeat window an identical send without a key replays the first 200 and sends nothing."""
    async with calling(api, Scope.ADMIN) as caller:
        reply = await caller.ask("PUT", "/pacing", json={"repeatWindowSeconds": 60})
        assert (reply.status, reply.body) == (200, {**OFF, "repeatWindowSeconds": 60})
        first, second = [await api.send() for _ in range(2)]
        assert (second.status, await second.json()) == (first.status, await first.json())
        assert [answer.headers.get("Idempotency-Replayed") for answer in (first, second)] == [None, "true"]
        assert second.headers["X-RateLimit-Used"] == "1"
        reply = await caller.ask("PUT", "/pacing", json={"repeatWindowSeconds": 0})
        assert reply.body == OFF
        third = await api.send()
        assert (third.status, third.headers["X-RateLimit-Used"]) == (200, "2")
        reply = await caller.ask("PATCH", f"/accounts/{api.account.id}", json={"pacing": {"repeatWindowSeconds": 60}})
        assert (reply.status, reply.body["field"]) == (400, "repeatWindowSeconds")
