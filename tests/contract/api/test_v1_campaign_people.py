"""The people of campaigns over the management API; whole bodies."""

import csv
import io
import json
import tracemalloc
from typing import Any
from urllib.parse import quote

import pytest

from confrere.api.v1 import paging
from confrere.domain.keys import Scope
from confrere.domain.outcome import NotSent
from confrere.store.script import run_query
from tests.contract.api.campaigns import audience, draft, start, urn, work
from tests.contract.api.conftest import GROUP, Api
from tests.contract.api.management import Caller, calling

FUTURE = "2099-01-31T09:00:00Z"
WAIT = {"status": "waiting", "reason": None, "until": None, "remedy": None}
NOTHING = {"sendId": None, "sentAt": None, "repliedAt": None, "writtenToBy": None, "writtenToAt": None}


def path_of(campaign: Any, number: int) -> str:
    """The path of a person of the campaign."""
    return f"/campaigns/{campaign['id']}/people/{quote(urn(number))}"


async def running(caller: Caller, people: int = 2, **more: Any) -> Any:
    """A campaign that was started."""
    return await start(caller, await draft(caller, people, **more))


async def test_a_person_is_read_with_all_that_happened(api: Api) -> None:
    """Each attempt is a row of the ledger; over all campaigns, too."""
    async with calling(api, Scope.ADMIN) as caller:
        campaign = await running(caller)
        api.upstream.will(NotSent("no connection"))
        await work(api)
        person = await caller.get(path_of(campaign, 0))
        [attempt] = person["sends"]
        assert (attempt["outcome"], attempt["accountId"]) == ("not_sent", api.account.id)
        assert person == {
            "recipientProfileUrn": urn(0),
            "name": "",
            **WAIT,
            "reason": "next_in_line",
            "until": person["until"],
            "remedy": "Nothing needs to be done",
            **NOTHING,
            "sendId": attempt["id"],
            "sends": [attempt],
        }
        fields = {name: value for name, value in person.items() if name != "sends"}
        assert await caller.get(f"/people/{quote(urn(0))}") == {
            "recipientProfileUrn": urn(0),
            "campaigns": [
                {**fields, "campaignId": campaign["id"], "campaignName": "Spring", "campaignStatus": "running"}
            ],
            "sends": [attempt],
            "doNotContact": None,
            "heldUntil": None,
        }
        (await caller.ask("GET", path_of(campaign, 7))).problem(404, "notFound")
        (await caller.ask("GET", f"/campaigns/{'0' * 32}/people/ACoAA1")).problem(404, "notFound")


async def test_a_person_that_nobody_knows_is_empty(api: Api) -> None:
    """Of somebody on the list alone there is the entry."""
    async with calling(api, Scope.ADMIN) as caller:
        nobody: dict[str, Any] = {
            "recipientProfileUrn": urn(5),
            "campaigns": [],
            "sends": [],
            "doNotContact": None,
            "heldUntil": None,
        }
        assert await caller.get(f"/people/{quote(urn(5))}") == nobody
        await caller.post("/do-not-contact", {"recipientProfileUrn": urn(5), "reason": "asked"})
        [entry] = (await caller.get("/do-not-contact"))["items"]
        assert await caller.get(f"/people/{quote(urn(5))}") == {**nobody, "doNotContact": entry}


async def test_who_was_written_to_already_has_by_whom_and_when(api: Api) -> None:
    """The second campaign skips them, and names the account and the time of the first one's message."""
    async with calling(api, Scope.ADMIN) as caller:
        await running(caller, 1)
        second = await running(caller, 1)
        await work(api)
        [first] = (await caller.get(f"/people/{quote(urn(0))}"))["sends"]
        [person] = (await caller.get(f"/campaigns/{second['id']}/people?reason=already_written_to"))["items"]
        assert person == {
            "recipientProfileUrn": urn(0),
            "name": "",
            **WAIT,
            "status": "skipped",
            "reason": "already_written_to",
            **NOTHING,
            "sendId": first["id"],
            "writtenToBy": api.account.id,
            "writtenToAt": first["createdAt"],
        }


async def test_people_are_filtered_by_what_they_wait_for(api: Api) -> None:
    """After the first message of a spread campaign the others wait with `spread`, who is held with `held`."""
    async with calling(api, Scope.ADMIN) as caller:
        campaign = await running(caller, 3, spread=True)
        await caller.post(f"{path_of(campaign, 2)}/hold", {"until": FUTURE})
        await work(api)
        path = f"/campaigns/{campaign['id']}/people"
        spread = (await caller.get(f"{path}?reason=spread"))["items"]
        assert [one["recipientProfileUrn"] for one in spread] == [urn(1)]
        [held] = (await caller.get(f"{path}?status=waiting&reason=held"))["items"]
        assert (held["recipientProfileUrn"], held["until"]) == (urn(2), FUTURE)
        assert (await caller.get(f"{path}?reason=day_used_up"))["items"] == []
        answer = {"whyNot": {name: spread[0][name] for name in ("reason", "until", "remedy")}}
        for query in (
            "",
            f"?accountId={api.account.id}",
            f"?campaignId={campaign['id']}",
            f"?recipientProfileUrn={quote(urn(1))}",
            f"?campaignId={campaign['id']}&recipientProfileUrn={quote(urn(1))}",
        ):
            assert await caller.get(f"/why-not-yet{query}") == answer
        assert await caller.get(f"/why-not-yet?recipientProfileUrn={quote(urn(0))}") == {"whyNot": None}


async def test_a_person_is_held_and_released_in_all_campaigns(api: Api) -> None:
    """With `send`; the answer counts the campaigns, and one in which they are not is a 404."""
    async with calling(api, Scope.ADMIN) as admin, calling(api, Scope.SEND) as caller:
        first, second = await running(admin, 1), await running(admin, 2)
        body = {"recipientProfileUrn": urn(0), "heldUntil": FUTURE, "campaigns": 2}
        assert await caller.post(f"{path_of(first, 0)}/hold", {"until": "2099-01-31T10:00:00+01:00"}) == body
        assert (await caller.get(f"/people/{quote(urn(0))}"))["heldUntil"] == FUTURE
        assert (await caller.get(f"/campaigns/{second['id']}"))["counts"]["held"] == 1
        (await caller.ask("POST", f"{path_of(first, 1)}/hold", json={"until": FUTURE})).problem(404, "notFound")
        (await caller.ask("POST", f"{path_of(first, 1)}/release")).problem(404, "notFound")
        released = {**body, "heldUntil": None}
        assert await caller.post(f"{path_of(second, 0)}/release") == released
        assert (await caller.get(f"/people/{quote(urn(0))}"))["heldUntil"] is None
        await work(api)
        over = {"recipientProfileUrn": urn(1), "heldUntil": None, "campaigns": 0}
        assert await caller.post(f"{path_of(second, 1)}/hold", {"until": FUTURE}) == over


@pytest.mark.parametrize("until", [None, 5, "tomorrow", "2099-01-31", "2020-01-01T00:00:00Z"])
async def test_a_bad_hold_is_refused(api: Api, until: object) -> None:
    """The field is named, and nobody is held."""
    async with calling(api, Scope.ADMIN) as caller:
        campaign = await running(caller)
        answer = await caller.ask("POST", f"{path_of(campaign, 0)}/hold", json={"until": until})
        assert answer.problem(400, "invalidField")["field"] == "until"
        assert (await caller.get(f"/people/{quote(urn(0))}"))["heldUntil"] is None


async def test_people_are_added_to_a_campaign(api: Api) -> None:
    """By URN or from an audience; who was in it already is named. A finished campaign runs again."""
    async with calling(api, Scope.ADMIN) as caller:
        campaign = await running(caller, 1)
        await work(api)
        path = f"/campaigns/{campaign['id']}"
        added = await caller.post(f"{path}/people", {"recipientProfileUrns": [urn(0), urn(1), urn(1)]})
        assert added == {"added": 1, "alreadyIn": [urn(0)]}
        assert (await caller.get(path))["status"] == "running"
        listed = await audience(caller, 3)
        added = await caller.post(f"{path}/people", {"audienceId": listed["id"]})
        assert added == {"added": 1, "alreadyIn": [urn(0), urn(1)]}
        await work(api)
        assert (await caller.get(path))["counts"]["sent"] == 3
        async with calling(api, Scope.SEND) as agent:
            answer = await agent.ask("POST", f"{path}/people", json={"recipientProfileUrns": [urn(9)]})
            answer.problem(403, "scopeMissing")
        draft_path = f"/campaigns/{(await draft(caller))['id']}/people"
        answer = await caller.ask("POST", draft_path, json={"recipientProfileUrns": [urn(9)]})
        assert "draft" in answer.problem(409, "wrongStatus")["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "recipientProfileUrns"),
        ({"recipientProfileUrns": [urn(9)], "audienceId": "0" * 32}, "recipientProfileUrns"),
        ({"recipientProfileUrns": []}, "recipientProfileUrns"),
        ({"audienceId": "spring"}, "audienceId"),
        ({"audienceId": 5}, "audienceId"),
        ({"audienceId": "0" * 32}, "audienceId"),
    ],
)
async def test_a_bad_addition_is_refused(api: Api, body: dict[str, Any], field: str) -> None:
    """The field is named, and nobody is added."""
    async with calling(api, Scope.ADMIN) as caller:
        path = f"/campaigns/{(await running(caller))['id']}/people"
        assert (await caller.ask("POST", path, json=body)).problem(400, "invalidField")["field"] == field
        assert len((await caller.get(path))["items"]) == 2


async def test_an_audience_of_another_group_is_not_added(api: Api) -> None:
    """The campaign's account writes through one group, of which its people are members."""
    async with calling(api, Scope.ADMIN) as caller:
        path = f"/campaigns/{(await running(caller))['id']}/people"
        source = {"type": "ids", "recipientProfileUrns": [urn(9)]}
        other = await caller.post("/audiences", {"name": "Other", "groupId": f"{GROUP}9", "source": source}, 201)
        answer = await caller.ask("POST", path, json={"audienceId": other["id"]})
        assert "own group" in answer.problem(400, "invalidField")["detail"]


async def test_the_export_has_what_the_list_has(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both formats have the same people and filters as the list, over many reads."""
    monkeypatch.setattr(paging, "EXPORT_PAGE", 2)
    async with calling(api, Scope.ADMIN) as caller:
        campaign = await running(caller, 5, spread=True)
        await work(api)
        path = f"/campaigns/{campaign['id']}/people"
        items = (await caller.get(path))["items"]
        lines = await caller.ask("GET", f"{path}/export?format=jsonl")
        assert [json.loads(line) for line in lines.text.splitlines()] == items
        table = await caller.ask("GET", f"{path}/export")
        rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
        assert rows == [{name: value or "" for name, value in item.items()} for item in items]
        for answer in (lines, table):
            assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        waiting = await caller.ask("GET", f"{path}/export?format=jsonl&status=waiting&reason=spread")
        assert [json.loads(line) for line in waiting.text.splitlines()] == items[1:]
        sent = await caller.ask("GET", f"{path}/export?format=jsonl&status=sent")
        assert [json.loads(line) for line in sent.text.splitlines()] == items[:1]


async def test_a_long_export_takes_no_more_memory_than_a_short_one(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 10,000 people a few pages are in memory at a time: less than a fifth of the file."""
    monkeypatch.setattr(paging, "EXPORT_PAGE", 100)
    async with calling(api, Scope.ADMIN) as caller:
        campaign = await running(caller, 1)
        rows = [
            [f"{campaign['id']}{number:08x}", urn(number), "", None, "", "waiting", None] for number in range(2, 10_001)
        ]
        await add_rows(api, campaign["id"], rows)
        size = peak = 0
        async with caller.http.get(f"/v1/campaigns/{campaign['id']}/people/export?format=jsonl") as response:
            tracemalloc.start()
            try:
                async for chunk in response.content.iter_any():
                    size += len(chunk)
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
    assert size > 2_500_000
    assert peak < size / 5


async def add_rows(api: Api, campaign_id: str, rows: list[list[Any]]) -> None:
    """Add people as the store writes them, without encryption, which would take seconds."""
    await api.services.store.engine.transact(  # type: ignore[attr-defined]
        lambda: run_query("add_campaign_people", (campaign_id, "default", 0, json.dumps(rows)))
    )


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/campaigns/{id}/people?reason=spreads", "reason"),
        ("/campaigns/{id}/people?status=asleep", "status"),
        ("/campaigns/{id}/people/export?format=xls", "format"),
        ("/campaigns/{id}/people/export?status=asleep", "status"),
        ("/campaigns/{id}/people/odile", "recipient"),
        ("/people/odile", "recipient"),
        ("/why-not-yet?campaignId=spring", "campaignId"),
        ("/why-not-yet?recipientProfileUrn=odile", "recipientProfileUrn"),
        ("/why-not-yet?accountId=anna", "accountId"),
        ("/why-not-yet?accountId={account}&campaignId={id}", "accountId"),
    ],
)
async def test_a_bad_parameter_is_named(api: Api, path: str, field: str) -> None:
    """With a 400, on each path that takes it."""
    async with calling(api, Scope.ADMIN) as caller:
        campaign = await running(caller)
        asked = path.replace("{id}", campaign["id"]).replace("{account}", api.account.id)
        assert (await caller.ask("GET", asked)).problem(400, "invalidField")["field"] == field


async def test_isolation_another_workspace_sees_and_changes_nobody(api: Api) -> None:
    """Its keys find neither the person nor the campaign, and hold and add nobody."""
    async with calling(api, Scope.ADMIN) as caller, calling(api, Scope.ADMIN, workspace_id="another") as stranger:
        campaign = await running(caller)
        path = f"/campaigns/{campaign['id']}"
        overview = await stranger.get(f"/people/{quote(urn(0))}")
        assert (overview["campaigns"], overview["sends"]) == ([], [])
        for asked in (f"{path}/people/export", path_of(campaign, 0), f"/why-not-yet?campaignId={campaign['id']}"):
            (await stranger.ask("GET", asked)).problem(404, "notFound")
        hold = await stranger.ask("POST", f"{path_of(campaign, 0)}/hold", json={"until": FUTURE})
        hold.problem(404, "notFound")
        add = await stranger.ask("POST", f"{path}/people", json={"recipientProfileUrns": [urn(9)]})
        add.problem(404, "notFound")
        assert await stranger.get(f"/why-not-yet?recipientProfileUrn={quote(urn(0))}") == {"whyNot": None}
        assert (await caller.get(path))["counts"]["waiting"] == 2
