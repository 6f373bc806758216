"""The workspace's sends over the management API: search, history and export."""

import asyncio
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from confrere.api.v1 import paging
from confrere.domain.attempt import Absent
from confrere.domain.errors import StoreUnavailable
from confrere.domain.keys import Scope
from confrere.domain.outcome import Refused, Unknown
from confrere.domain.session import Member
from tests.contract.api.conftest import GROUP, RECIPIENT, Api
from tests.contract.api.management import Caller, calling
from tests.fakes.upstream import BROWSER

TEXT = "a text that is nobody else's business"


async def second_account(api: Api) -> str:
    """Connect another account of the workspace."""
    api.upstream.member = Member("urn:li:fsd_profile:ACoAAPer", "Per", "Sample", "per-sample")
    return (await api.services.accounts.connect("default", BROWSER)).id


async def send_some(api: Api, count: int, **more: object) -> None:
    """Send messages to different people."""
    for number in range(count):
        assert (await api.send(TEXT, recipientProfileUrn=f"ACoAAperson{number}", **more)).status < 500


async def found(caller: Caller, query: str = "", size: int = 200) -> list[Any]:
    """Return all sends that match the query, over all pages."""
    items, cursor = [], ""
    while True:
        page = await caller.get(f"/sends?limit={size}&{query}{cursor}")
        items += page["items"]
        if page["nextCursor"] is None:
            return items
        cursor = f"&cursor={page['nextCursor']}"


async def test_sends_of_all_accounts_are_found(api: Api) -> None:
    """The search returns the sends of all accounts newest first, each once, at any page size."""
    other = await second_account(api)
    await send_some(api, 3)
    await send_some(api, 4, accountId=other)
    async with calling(api, Scope.READ) as caller:
        for size in (1, 3, 7, 200):
            items = await found(caller, size=size)
            assert [item["accountId"] for item in items] == [other] * 4 + [api.account.id] * 3
            assert [item["id"] for item in items] == sorted((item["id"] for item in items), reverse=True)
            assert TEXT not in json.dumps(items)


async def test_sends_can_be_narrowed(api: Api) -> None:
    """Sends can be filtered by account, outcome, group, recipient and time, and by several at once."""
    other = await second_account(api)
    await send_some(api, 2)
    between = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    api.upstream.will(Refused(403, "Forbidden", None, "no"))
    await send_some(api, 2, accountId=other, groupId="999")
    async with calling(api, Scope.READ) as caller:

        async def count(query: str) -> int:
            return len(await found(caller, query))

        assert await count("") == 4
        assert await count(f"accountId={other}") == 2
        assert await count("outcome=refused") == 1
        assert await count("groupId=urn:li:fsd_group:999") == 2
        assert await count("recipient=ACoAAperson1") == 2
        assert await count(f"since={between}") == 2
        assert await count(f"until={between}") == 2
        assert await count(f"until={between}&accountId={other}") == 0
        assert await count(f"outcome=accepted&groupId=999&recipient=ACoAAperson1&since={between}") == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("cursor=%ff", "cursor"),
        ("outcome=lost", "outcome"),
        ("groupId=abc", "groupId"),
        ("recipient=odile", "recipient"),
        ("since=yesterday", "since"),
        ("until=2026-01-31T09:00:00", "until"),
        ("accountId=abc", "accountId"),
        ("format=xml", "format"),
    ],
)
async def test_a_query_that_cannot_be_read(api: Api, query: str, field: str) -> None:
    """An invalid query parameter is named, by the search and by the export."""
    async with calling(api, Scope.READ) as caller:
        for path in ("/sends", "/sends/export"):
            if (field in ("limit", "cursor")) == (path == "/sends/export") or (field == "format" and path == "/sends"):
                continue
            assert (await caller.ask("GET", f"{path}?{query}")).problem(400, "invalidField")["field"] == field


async def test_an_account_that_is_not_there_is_a_404(api: Api) -> None:
    """An unknown account is a 404, and not an empty list."""
    async with calling(api, Scope.READ) as caller:
        for path in ("/sends", "/sends/export"):
            (await caller.ask("GET", f"{path}?accountId={'0' * 24}")).problem(404, "notFound")


async def test_a_send_is_read_with_its_history(api: Api) -> None:
    """A send is returned with its history, and with its text only on request."""
    response = await api.http.post(
        "/linkedin/messaging/send-group",
        json={"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": TEXT},
        headers={"Idempotency-Key": "order-7", "X-Request-Id": "request-7"},
    )
    assert response.status == 200
    async with calling(api, Scope.READ) as caller:
        [item] = await found(caller)
        await api.delivery(item["id"])
        answer = await caller.ask("GET", f"/sends/{item['id']}")
        assert TEXT not in answer.text
        send = answer.body
        assert {name: send[name] for name in item} == item
        history = send["history"]
        assert history["reservedAt"] == send["createdAt"]
        assert history["reservedAt"] <= history["endedAt"] == history["settledAt"]
        assert (history["answerDelivered"], history["holdsUnit"], history["idempotencyKey"]) == (True, True, "order-7")
        assert (history["looks"], history["nextLookAt"], history["firstAbsentAt"]) == (0, None, None)
        assert (send["requestId"], send["refusal"]) == ("request-7", None)
        with_text = await caller.get(f"/sends/{item['id']}?include=text")
        assert with_text == send | {"message": TEXT}


async def test_history_has_the_searches_for_an_unknown_send(api: Api) -> None:
    """The history of an unknown send has the number of searches, the first absence and the next search."""
    api.upstream.will(Unknown("LinkedIn did not answer in time"))
    assert (await api.send(TEXT)).status == 500
    api.upstream.next_searches = [Absent()]
    await api.services.reconciler.reconcile_due()
    async with calling(api, Scope.READ) as caller:
        [item] = await found(caller, "outcome=unknown")
        history = (await caller.get(f"/sends/{item['id']}"))["history"]
    assert (history["looks"], history["answerDelivered"], history["holdsUnit"]) == (1, False, True)
    assert history["firstAbsentAt"] is not None
    due = datetime.fromisoformat(history["nextLookAt"]) - datetime.now(UTC)
    assert timedelta(minutes=1) < due <= timedelta(minutes=2)


async def test_history_has_linkedins_own_refusal(api: Api) -> None:
    """The history of a refused send has LinkedIn's own refusal, and shows that the unit was given back."""
    api.upstream.will(Refused(403, "Forbidden", "NOT_IN_GROUP", "The viewer may not write to this member"))
    assert (await api.send(TEXT)).status == 403
    async with calling(api, Scope.READ) as caller:
        [item] = await found(caller)
        send = await caller.get(f"/sends/{item['id']}")
    assert send["refusal"] == {
        "status": 403,
        "statusText": "Forbidden",
        "code": "NOT_IN_GROUP",
        "message": "The viewer may not write to this member",
    }
    assert send["history"]["holdsUnit"] is False


@pytest.mark.parametrize("send_id", ["0" * 32, "x", "0" * 31 + "%00"])
async def test_a_send_that_is_not_there(api: Api, send_id: str) -> None:
    """An unknown send id of any form is a 404."""
    async with calling(api, Scope.READ) as caller:
        (await caller.ask("GET", f"/sends/{send_id}")).problem(404, "notFound")


async def test_nothing_else_can_be_included(api: Api) -> None:
    """An unknown value of `include` is rejected by name."""
    async with calling(api, Scope.READ) as caller:
        answer = await caller.ask("GET", f"/sends/{'0' * 32}?include=everything")
        assert answer.problem(400, "invalidField")["field"] == "include"


async def test_the_export_holds_what_the_list_holds(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both formats of the export hold the same sends and filters as the list, over many reads, without texts."""
    monkeypatch.setattr(paging, "EXPORT_PAGE", 3)
    await send_some(api, 9)
    async with calling(api, Scope.READ) as caller:
        items = await found(caller)
        lines = await caller.ask("GET", "/sends/export?format=jsonl")
        assert [json.loads(line) for line in lines.text.splitlines()] == items
        table = await caller.ask("GET", "/sends/export")
        rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
        assert rows == [{name: value or "" for name, value in item.items()} for item in items]
        for answer in (lines, table):
            assert TEXT not in answer.text
            assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        narrowed = await caller.ask("GET", "/sends/export?format=jsonl&recipient=ACoAAperson4")
        assert [json.loads(line) for line in narrowed.text.splitlines()] == [
            item for item in items if item["recipientProfileUrn"].endswith("person4")
        ]


async def test_an_empty_export_is_a_table_with_a_head(api: Api) -> None:
    """An empty export is a table with its header, or no line at all."""
    async with calling(api, Scope.READ) as caller:
        assert (await caller.ask("GET", "/sends/export?format=csv")).text.startswith("id,requestId,accountId,")
        assert (await caller.ask("GET", "/sends/export?format=jsonl")).text == ""
        assert (await caller.ask("HEAD", "/sends/export")).status == 200


async def test_a_failed_export_is_incomplete(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed export ends without a proper end of the body; one that fails at once is a problem."""
    monkeypatch.setattr(paging, "EXPORT_PAGE", 2)
    await send_some(api, 5)
    whole, reads = api.services.history.search, 0

    async def failing(*given: Any, **named: Any) -> Any:
        nonlocal reads
        reads += 1
        if reads == 2:
            raise StoreUnavailable("SQLite: IOError")
        return await whole(*given, **named)

    monkeypatch.setattr(api.services.history, "search", failing)
    async with calling(api, Scope.READ) as caller:
        with pytest.raises(aiohttp.ClientError):
            await caller.ask("GET", "/sends/export")
        reads = 1
        (await caller.ask("GET", "/sends/export")).problem(503, "storeUnavailable")


async def test_an_export_ends_when_its_caller_disconnects(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export stops reading the store once its caller has disconnected."""
    monkeypatch.setattr(paging, "EXPORT_PAGE", 1)
    await send_some(api, 2)
    whole, reads = api.services.history.search, 0

    async def endless(*given: Any, **named: Any) -> Any:
        nonlocal reads
        reads += 1
        await asyncio.sleep(0.01)
        return await whole(*given, **{**named, "before_id": None})

    monkeypatch.setattr(api.services.history, "search", endless)
    async with calling(api, Scope.READ) as caller:
        response = await caller.http.get("/v1/sends/export")
        await response.content.readany()
        response.close()
    after = 0
    async with asyncio.timeout(30):
        while after != reads:
            after = reads
            await asyncio.sleep(0.2)
    assert reads > 1


async def test_isolation_sends_of_another_workspace_do_not_exist(api: Api) -> None:
    """Sends of another workspace cannot be found, read or exported."""
    await send_some(api, 1)
    async with calling(api, Scope.READ) as caller:
        [item] = await found(caller)
    async with calling(api, Scope.ADMIN, workspace_id="another") as stranger:
        assert await found(stranger) == []
        assert (await stranger.ask("GET", "/sends/export?format=jsonl")).text == ""
        for query in ("", "?include=text"):
            (await stranger.ask("GET", f"/sends/{item['id']}{query}")).problem(404, "notFound")
        (await stranger.ask("GET", f"/sends?accountId={api.account.id}")).problem(404, "notFound")
