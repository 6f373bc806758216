"""API keys over the management API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from confrere.domain.keys import Caller as KeyHolder
from confrere.domain.keys import Scope, looks_real
from tests.contract.api.conftest import Api
from tests.contract.api.management import Caller, calling

NEXT_YEAR = "2999-01-31T09:00:00+01:00"


async def test_a_new_key_is_returned_once_and_works(api: Api) -> None:
    """A new key is returned once, works with its scopes, and never appears in the list."""
    async with calling(api, Scope.ADMIN) as caller:
        made = await caller.post("/keys", {"name": "crm", "scopes": ["read"], "expiresAt": NEXT_YEAR}, 201)
        key = made.pop("key")
        assert looks_real(key)
        assert (made["name"], made["scopes"], made["expiresAt"]) == ("crm", ["read"], "2999-01-31T08:00:00Z")
        async with aiohttp.ClientSession(api.url, headers={"Authorization": f"Bearer {key}"}) as http:
            answer = await Caller(http).ask("GET", "/keys")
        assert made in [{**item, "lastUsedAt": None} for item in answer.body["items"]]
        assert key not in answer.text


async def test_a_key_may_send_by_default(api: Api) -> None:
    """A key has the scope `send` by default, as at the command line."""
    async with calling(api, Scope.ADMIN) as caller:
        for body in ({"name": "crm"}, {"name": "crm", "scopes": None}, {"name": "crm", "scopes": []}):
            made = await caller.post("/keys", body, 201)
            assert (made["scopes"], made["expiresAt"]) == (["send"], None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x", "scopes": "send"}, "scopes"),
        ({"name": "x", "scopes": ["root"]}, "scopes"),
        ({"name": "x", "scopes": [["send"]]}, "scopes"),
        ({"name": "x", "expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"name": "x", "expiresAt": "2999-01-01T00:00:00"}, "expiresAt"),
        ({"name": "x", "expiresAt": "tomorrow"}, "expiresAt"),
        ({"name": "x", "expiresAt": 5}, "expiresAt"),
    ],
)
async def test_a_key_that_cannot_be_made(api: Api, body: dict[str, Any], field: str) -> None:
    """A wrong field is named, and no key is created."""
    async with calling(api, Scope.ADMIN) as caller:
        before = len((await caller.get("/keys"))["items"])
        assert (await caller.ask("POST", "/keys", json=body)).problem(400, "invalidField")["field"] == field
        assert len((await caller.get("/keys"))["items"]) == before


async def test_a_key_makes_none_that_outlives_it(api: Api) -> None:
    """A key that expires cannot create one that expires later."""
    end = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    async with calling(api, Scope.ADMIN, expires_at=end) as caller:
        made = await caller.post("/keys", {"name": "heir"}, 201)
        assert datetime.fromisoformat(made["expiresAt"]) == end
        sooner = (end - timedelta(hours=1)).isoformat()
        assert (await caller.post("/keys", {"name": "heir", "expiresAt": sooner}, 201))["expiresAt"] < made["expiresAt"]
        answer = await caller.ask("POST", "/keys", json={"name": "heir", "expiresAt": NEXT_YEAR})
        assert answer.problem(400, "invalidField")["field"] == "expiresAt"


async def test_a_key_makes_none_that_may_do_more(api: Api) -> None:
    """No caller can create a key with more scopes than its own."""
    from confrere.domain.errors import Forbidden

    by = KeyHolder("id", "default", frozenset({Scope.SEND}))
    await api.services.keys.create("default", name="less", scopes=[Scope.READ], by=by)
    with pytest.raises(Forbidden, match="admin"):
        await api.services.keys.create("default", name="more", scopes=[Scope.READ, Scope.ADMIN], by=by)


async def test_a_revoked_key_is_worth_nothing(api: Api) -> None:
    """A revoked key is rejected at once; a second revocation succeeds, and the record stays."""
    async with calling(api, Scope.ADMIN) as caller:
        made = await caller.post("/keys", {"name": "crm", "scopes": ["read"]}, 201)
        for _ in range(2):
            assert (await caller.ask("DELETE", f"/keys/{made['id']}")).status == 204
        async with aiohttp.ClientSession(api.url, headers={"X-API-Key": made["key"]}) as http:
            (await Caller(http).ask("GET", "/keys")).problem(401, "unauthorized")
        kept = next(key for key in (await caller.get("/keys"))["items"] if key["id"] == made["id"])
        assert kept["revokedAt"] is not None


@pytest.mark.parametrize("key_id", ["0" * 24, "x", "0" * 23 + "%00"])
async def test_a_key_that_is_not_there_cannot_be_revoked(api: Api, key_id: str) -> None:
    """Revoking an unknown key, or one of another workspace, is a 404."""
    async with calling(api, Scope.ADMIN) as caller:
        (await caller.ask("DELETE", f"/keys/{key_id}")).problem(404, "notFound")
        made = await caller.post("/keys", {"name": "ours"}, 201)
    async with calling(api, Scope.ADMIN, workspace_id="another") as stranger:
        (await stranger.ask("DELETE", f"/keys/{made['id']}")).problem(404, "notFound")
        assert [key["name"] for key in (await stranger.get("/keys"))["items"]] == ["caller"]
