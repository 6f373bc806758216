"""Workspaces over the management API, and that no key reaches what another workspace has."""

import re
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest

from confrere.api.compatible.routes import ROUTES as COMPATIBLE
from confrere.api.v1.routes import ROUTES
from confrere.domain.errors import InvalidField
from confrere.domain.keys import Scope
from tests.contract.api.campaigns import audience, draft, start, urn, work
from tests.contract.api.conftest import GROUP, RECIPIENT, Api
from tests.contract.api.management import Caller, calling
from tests.contract.api.openapi import record_reply
from tests.fakes.upstream import BROWSER


async def test_an_operator_creates_a_workspace_and_its_first_key(api: Api) -> None:
    """The whole bodies; the first key reads only what the new workspace has, which is nothing."""
    async with calling(api, Scope.OPERATOR) as operator:
        made = await operator.post("/workspaces", {"name": " Example Ltd "}, 201)
        assert made == {"id": made["id"], "name": "Example Ltd", "createdAt": made["createdAt"]}
        assert re.fullmatch("[0-9a-f]{24}", made["id"])
        first = {"id": "default", "name": "default", "createdAt": None}
        assert await operator.get("/workspaces") == {"items": [first, made], "nextCursor": None}
        key = await operator.post(f"/workspaces/{made['id']}/keys", {"name": "first", "scopes": ["admin"]}, 201)
        renamed = await operator.ask("PATCH", f"/workspaces/{made['id']}", json={"name": "Example GmbH"})
        assert renamed.body == {**made, "name": "Example GmbH"}
    async with aiohttp.ClientSession(api.url, headers={"Authorization": f"Bearer {key['key']}"}) as http:
        client = Caller(http)
        assert await client.get("/accounts") == {"items": [], "nextCursor": None}
        (await client.ask("GET", "/workspaces")).problem(403, "scopeMissing")
        (await client.ask("POST", "/keys", json={"name": "more", "scopes": ["operator"]})).problem(403, "scopeMissing")


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", 7, None])
async def test_a_name_that_cannot_be_used_is_refused(api: Api, name: object) -> None:
    """A workspace's name has 1 to 100 printable characters; otherwise nothing is created."""
    async with calling(api, Scope.OPERATOR) as operator:
        answer = await operator.ask("POST", "/workspaces", json={"name": name})
        assert answer.problem(400, "invalidField")["field"] == "name"
        assert len((await operator.get("/workspaces"))["items"]) == 1


async def test_two_workspaces_never_have_one_name(api: Api) -> None:
    """A name that is taken is refused for a new workspace and for a renamed one; its own name is no change."""
    async with calling(api, Scope.OPERATOR) as operator:
        made = await operator.post("/workspaces", {"name": "Example Ltd"}, 201)
        for method, path, name in (
            ("POST", "/workspaces", "Example Ltd"),
            ("PATCH", f"/workspaces/{made['id']}", "default"),
        ):
            answer = await operator.ask(method, path, json={"name": name})
            assert answer.problem(400, "invalidField")["detail"] == "name must not be the name of another workspace"
        same = await operator.ask("PATCH", f"/workspaces/{made['id']}", json={"name": "Example Ltd"})
        assert same.body == made
        (await operator.ask("PATCH", f"/workspaces/{'0' * 24}", json={"name": "x"})).problem(404, "notFound")


async def test_an_operators_key_is_not_made_over_http(api: Api) -> None:
    """An operator's key makes keys of every workspace, but none with its own scope."""
    async with calling(api, Scope.OPERATOR) as operator:
        body = {"name": "another", "scopes": ["read", "operator"]}
        answer = await operator.ask("POST", "/workspaces/default/keys", json=body)
        assert answer.problem(400, "invalidField")["field"] == "scopes"
        (await operator.ask("GET", "/accounts")).problem(403, "scopeMissing")


async def test_a_member_is_an_account_of_one_workspace(api: Api) -> None:
    """A member who is connected in one workspace cannot be connected in another: they have one day of messages."""
    with pytest.raises(InvalidField, match="connected in another workspace"):
        await api.services.accounts.connect("another", BROWSER)
    assert len(await api.services.accounts.search("default")) == 1
    assert (await api.services.accounts.connect("default", BROWSER)).id == api.account.id


async def _belongings(api: Api, caller: Caller) -> Mapping[str, str]:
    """Give the first workspace one of everything; return the ids by the names that they have in paths."""
    assert (await api.send()).status == 200
    running = await draft(caller, people=2)
    await start(caller, running)
    await work(api)
    listed = await audience(caller)
    template = await caller.post("/templates", {"name": "Welcome", "text": "Hello {{ firstName }}"}, 201)
    key = await caller.post("/keys", {"name": "theirs"}, 201)
    await caller.post("/do-not-contact", {"recipientProfileUrn": urn(77), "reason": "secret reason"})
    sends = (await caller.get("/sends"))["items"]
    return {
        "account_id": api.account.id,
        "audience_id": listed["id"],
        "campaign_id": running["id"],
        "template_id": template["id"],
        "key_id": key["id"],
        "send_id": sends[-1]["id"],
        "reply_id": await record_reply(api, sends[-1]["id"]),
        "recipient": urn(77),
        "group_id": GROUP,
        "workspace_id": "default",
    }


def _body(ids: Mapping[str, str]) -> Any:
    """Return fields that many requests know, each naming something of the other workspace."""
    return {
        "accountId": ids["account_id"],
        "audienceId": ids["audience_id"],
        "templateId": ids["template_id"],
        "campaignId": ids["campaign_id"],
        "groupId": GROUP,
        "recipientProfileUrn": RECIPIENT,
        "profileUrl": f"https://www.linkedin.com/in/{RECIPIENT.rpartition(':')[2]}",
        "message": "Hello",
        "text": "Hello",
        "conversationUrn": "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAA1,2-x)",
    }


OF_LINKEDIN = {"{group_id}", "{recipient}", "{profile_id}", "{conversation_urn}"}
"""Parts of paths that are LinkedIn's ids, so that they may be asked for in every workspace."""


async def test_no_key_reaches_what_another_workspace_has(api: Api) -> None:
    """Every endpoint of both APIs, with a key of another workspace that may do everything there.

    What the path names is a 404, a list is empty, an account in body or query is a 404, and no answer holds anything
    of the other workspace. Afterwards everything is as it was.
    """
    async with calling(api, *Scope) as owner:
        ids = await _belongings(api, owner)
        before, sent = [await owner.get(path) for path in LISTS], len(api.upstream.seen)
        async with calling(api, *(set(Scope) - {Scope.OPERATOR}), workspace_id="another") as stranger:
            for route in (*ROUTES, *COMPATIBLE):
                if route.scope is None or route.scope is Scope.OPERATOR:
                    continue
                path = re.sub(r"{(\w+?)(?::path)?}", lambda found: ids.get(found[1], ids["recipient"]), route.path)
                for query in ("", f"?accountId={ids['account_id']}&campaignId={ids['campaign_id']}"):
                    options = {"json": _body(ids)} if route.method in ("POST", "PUT", "PATCH") else {}
                    async with stranger.http.request(route.method, path + query, **options) as answer:
                        text = await answer.text()
                        place = f"{route.method} {path}{query} {answer.status} {text}"
                    leaked = {value for name, value in ids.items() if name not in ("recipient", "group_id")}
                    leaked -= {"default"}
                    assert not [value for value in leaked if value in text and value not in path + query], place
                    assert "secret reason" not in text, place
                    assert "Anna" not in text, place
                    if set(re.findall("{\\w+}", route.path)) - OF_LINKEDIN:
                        assert answer.status in (400, 404, 422), place
        assert [await owner.get(path) for path in LISTS] == before
    assert len(api.upstream.seen) == sent


LISTS = (
    "/accounts",
    "/keys",
    "/audiences",
    "/templates",
    "/campaigns",
    "/sends",
    "/replies",
    "/do-not-contact",
    "/pacing",
)
