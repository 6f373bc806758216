"""`GET /v1/audit`: who did what."""

import csv
import io
import json

import pytest

from confrere.domain.audit import COMMAND_LINE, Actor, ActorKind, AuditAction
from confrere.domain.keys import Scope
from confrere.domain.users import Rights, Role
from tests.contract.api.campaigns import draft, start, urn
from tests.contract.api.conftest import Api
from tests.contract.api.management import Caller, calling


async def export(caller: Caller, query: str) -> str:
    """Return an export's text."""
    answer = await caller.ask("GET", f"/audit/export?{query}")
    assert (answer.status, "audit." in answer.headers["Content-Disposition"]) == (200, True)
    return answer.text


async def test_the_log_is_read_page_by_page(api: Api) -> None:
    """An admin reads all entries, newest first, with who acted from where; a page ends where the next begins."""
    logins = api.services.logins
    async with calling(api, Scope.ADMIN) as caller:
        _, token = await logins.invite("default", Rights(Role.OWNER), COMMAND_LINE)
        browser = Actor(ActorKind.NOBODY, None, "192.0.2.1", "request-1")
        await logins.redeem(token, browser, name="Odile", password="correct horse battery")
        user = (await logins.list_users("default"))[0]
        page = await caller.get("/audit?limit=1")
        assert page["items"] == [
            {
                "number": page["items"][0]["number"],
                "at": page["items"][0]["at"],
                "action": "user_joined",
                "actor": {"kind": "user", "id": user.id, "address": "192.0.2.1"},
                "subject": user.id,
                "detail": "owner",
                "requestId": "request-1",
            }
        ]
        rest = await caller.get(f"/audit?cursor={page['nextCursor']}")
        assert [item["number"] for item in rest["items"]] == list(range(page["items"][0]["number"] - 1, 0, -1))
        assert rest["items"][0]["actor"] == {"kind": "command_line", "id": None, "address": None}
        assert rest["nextCursor"] is None


async def test_what_a_key_changes_is_its_own(api: Api) -> None:
    """A change over HTTP has the key, the client's address and the request id; what no key does is the server's."""
    async with calling(api, Scope.ADMIN) as caller:
        key_id = (await caller.get("/keys"))["items"][0]["id"]
        body = {"recipientProfileUrn": urn(1)}
        added = await caller.ask("POST", "/do-not-contact", json=body, headers={"X-Forwarded-For": "192.0.2.9"})
        campaign = await draft(caller)
        await start(caller, campaign)
        mine = (await caller.get(f"/audit?actor={key_id}"))["items"]
        assert [(item["action"], item["actor"]["kind"]) for item in reversed(mine)] == [
            ("do_not_contact_added", "key"),
            ("audience_created", "key"),
            ("campaign_created", "key"),
            ("campaign_started", "key"),
        ]
        first = mine[-1]
        assert (first["actor"]["address"], first["requestId"]) == ("192.0.2.9", added.headers["X-Request-Id"])
        assert urn(1) not in json.dumps(mine)
        servers = (await caller.get("/audit?actor=server"))["items"]
        assert {item["action"] for item in servers} == {"account_connected", "key_created"}


async def test_the_log_is_searched(api: Api) -> None:
    """By action, subject, person and time; a filter that cannot be used is named."""
    async with calling(api, Scope.ADMIN) as caller:
        for number in (1, 2):
            await caller.post("/do-not-contact", {"recipientProfileUrn": urn(number)})
        await caller.ask("PATCH", f"/accounts/{api.account.id}", json={"dailyLimit": 60})
        for query, expected in [
            (f"subject={urn(1)}", ["do_not_contact_added"]),
            (f"subject={api.account.id}", ["account_limit_changed", "account_connected"]),
            ("action=account_limit_changed", ["account_limit_changed"]),
            ("since=2999-01-01T00:00:00Z", []),
            ("actor=agent", []),
        ]:
            found = (await caller.get(f"/audit?{query}"))["items"]
            assert [item["action"] for item in found] == expected, query
        for field in ("actor", "action", "subject", "since"):
            problem = (await caller.ask("GET", f"/audit?{field}=Odile")).problem(400, "invalidField")
            assert problem["field"] == field


async def test_the_log_is_exported(api: Api) -> None:
    """As a CSV table or JSON lines, with the same filters; each export is an entry."""
    async with calling(api, Scope.ADMIN) as caller:
        await caller.ask("PATCH", f"/accounts/{api.account.id}", json={"dailyLimit": 60})
        rows = list(csv.DictReader(io.StringIO(await export(caller, "action=account_limit_changed"))))
        assert [(row["action"], row["detail"], row["actorKind"]) for row in rows] == [
            ("account_limit_changed", "dailyLimit 60 (was 150)", "key")
        ]
        lines = [json.loads(line) for line in (await export(caller, "format=jsonl&actor=key")).splitlines()]
        assert [(line["action"], line["detail"]) for line in lines] == [
            ("exported", "audit log"),
            ("account_limit_changed", "dailyLimit 60 (was 150)"),
        ]
        (await caller.ask("GET", "/audit/export?format=xml")).problem(400, "invalidField")
        assert len((await caller.get("/audit?action=exported"))["items"]) == 2


async def test_exports_stand_in_the_log(api: Api) -> None:
    """So does who exported the ledger, the list and a campaign's people; an export that fails does not."""
    async with calling(api, Scope.ADMIN) as caller:
        campaign = await draft(caller)
        people = f"/campaigns/{campaign['id']}/people/export"
        for path in ("/sends/export", "/do-not-contact/export", people, "/campaigns/nothing/people/export"):
            await caller.ask("GET", path)
        await caller.ask("GET", "/sends/export?format=xml")
        found = (await caller.get("/audit?action=exported"))["items"]
        assert [(item["detail"], item["subject"]) for item in found] == [
            ("people of a campaign", campaign["id"]),
            ("do-not-contact list", None),
            ("sends", None),
        ]


async def test_a_cursor_of_another_list_is_refused(api: Api) -> None:
    """A cursor that this list has not made is named; the log of another workspace is its own."""
    async with calling(api, Scope.ADMIN) as caller:
        for cursor in ("AAAA", "_________w8", "-"):
            problem = (await caller.ask("GET", f"/audit?cursor={cursor}")).problem(400, "invalidField")
            assert problem["field"] == "cursor"
    async with calling(api, Scope.ADMIN, workspace_id="another") as stranger:
        assert [item["action"] for item in (await stranger.get("/audit"))["items"]] == ["key_created"]


@pytest.mark.parametrize("scope", [one for one in Scope if one is not Scope.ADMIN])
async def test_only_an_admin_reads_the_log(api: Api, scope: Scope) -> None:
    """A key of any other scope is refused, and leaves no entry of an export."""
    async with calling(api, scope) as caller:
        for path in ("/audit", "/audit/export"):
            (await caller.ask("GET", path)).problem(403, "scopeMissing")
    log = await api.services.audit.list_audit("default", before=None, count=50)
    assert AuditAction.EXPORTED not in {entry.action for entry in log}
