"""`/v1/webhooks`: endpoints, their secrets, tests, and the log of deliveries."""

from typing import Any

import pytest

from confrere.domain.keys import Scope
from confrere.domain.webhooks import DeliveryStatus, Try
from tests.contract.api.conftest import Api
from tests.contract.api.management import calling

NEW: dict[str, Any] = {"url": "https://example.com/hook", "events": ["send.accepted"], "description": "CRM"}
NOBODY = "0" * 32


async def end_all(api: Api, result: Try, status: DeliveryStatus) -> None:
    """End every delivery that is due with this result."""
    now, store = api.services.clock(), api.services.store
    for claimed in await store.claim_deliveries(now, at_once=9, count=9, lease_until=now):
        await store.end_try(claimed, result, status, None, now)


async def test_a_secret_is_shown_once(api: Api) -> None:
    """The answer to the creation has the secret, and no later one; a rotation shows the next."""
    async with calling(api, Scope.ADMIN) as caller:
        made = await caller.post("/webhooks", NEW, 201)
        assert made["secret"].startswith("whsec_")
        assert (made["url"], made["events"], made["enabled"]) == (NEW["url"], NEW["events"], True)
        path = f"/webhooks/{made['id']}"
        assert "secret" not in await caller.get(path)
        assert (await caller.get("/webhooks"))["items"] == [await caller.get(path)]
        rotated = await caller.post(f"{path}/rotate-secret")
        assert rotated["secret"] != made["secret"]
        assert rotated["previousSecretUntil"] is not None


async def test_what_is_given_is_changed(api: Api) -> None:
    """A change leaves the rest; a deleted webhook is unknown."""
    async with calling(api, Scope.ADMIN) as caller:
        path = f"/webhooks/{(await caller.post('/webhooks', NEW, 201))['id']}"
        events = ["message.received", "send.accepted", "send.accepted"]
        changed = (await caller.ask("PATCH", path, json={"enabled": False, "events": events})).body
        assert (changed["enabled"], changed["description"]) == (False, "CRM")
        assert changed["events"] == ["send.accepted", "message.received"]
        (await caller.ask("POST", f"{path}/test")).problem(409, "webhookDisabled")
        assert (await caller.ask("DELETE", path)).status == 204
        (await caller.ask("GET", path)).problem(404, "notFound")


async def test_a_test_is_a_delivery_that_can_be_sent_again(api: Api) -> None:
    """A ping is listed as pending, then with its answer; then it is sent again as a new record."""
    async with calling(api, Scope.ADMIN) as caller:
        path = f"/webhooks/{(await caller.post('/webhooks', NEW, 201))['id']}"
        begun = await caller.post(f"{path}/test", status=201)
        assert (begun["event"], begun["status"], begun["attempts"]) == ("ping", "pending", 0)
        again = f"/webhooks/deliveries/{begun['id']}/resend"
        (await caller.ask("POST", again)).problem(409, "deliveryInProgress")
        await end_all(api, Try(500, "it answered 500", b"<oops>"), DeliveryStatus.FAILED)
        [ended] = (await caller.get(f"{path}/deliveries?status=failed"))["items"]
        assert (ended["lastStatus"], ended["lastError"], ended["lastAnswer"]) == (500, "it answered 500", "<oops>")
        second = await caller.post(again, status=201)
        assert (second["id"] != begun["id"], second["eventId"]) == (True, begun["eventId"])
        page = await caller.get(f"{path}/deliveries?limit=1")
        rest = await caller.get(f"{path}/deliveries?cursor={page['nextCursor']}")
        assert [page["items"][0]["id"], rest["items"][0]["id"]] == [second["id"], begun["id"]]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.com/",
        "http://example.com/hook",
        "https://user:word@example.com/",
        "https://example.com/#part",
        "https://exämple.com/",
        "https://example.com\\@127.0.0.1/",
        "https:///hook",
        "https://example.com:99999/",
        "https://127.0.0.1/",
        "http://127.0.0.1:9000/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://[::ffff:10.0.0.1]/",
        "https://" + "a" * 2000,
    ],
)
async def test_an_address_that_may_not_be_used_is_refused(api: Api, url: str) -> None:
    """What is no public https address is refused when it is given, with the field's name."""
    async with calling(api, Scope.ADMIN) as caller:
        answer = await caller.ask("POST", "/webhooks", json=NEW | {"url": url})
        assert answer.problem(400, "invalidField")["field"] == "url"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"events": []}, "events"),
        ({"events": None}, "events"),
        ({"events": ["ping"]}, "events"),
        ({"events": ["send.lost"]}, "events"),
        ({"url": 7}, "url"),
        ({"description": "x" * 201}, "description"),
        ({"description": "a\nb"}, "description"),
    ],
)
async def test_a_value_that_cannot_be_used_is_named(api: Api, changes: dict[str, Any], field: str) -> None:
    """The problem names the field."""
    async with calling(api, Scope.ADMIN) as caller:
        answer = await caller.ask("POST", "/webhooks", json=NEW | changes)
        assert answer.problem(400, "invalidField")["field"] == field


async def test_another_workspace_sees_none_of_it(api: Api) -> None:
    """With another workspace's key a webhook and its deliveries are unknown."""
    async with calling(api, Scope.ADMIN) as owner, calling(api, Scope.ADMIN, workspace_id="another") as other:
        made = await owner.post("/webhooks", NEW, 201)
        delivery = await owner.post(f"/webhooks/{made['id']}/test", status=201)
        await end_all(api, Try(200), DeliveryStatus.DELIVERED)
        assert (await other.get("/webhooks"))["items"] == []
        for method, path in (
            ("GET", f"/webhooks/{made['id']}"),
            ("DELETE", f"/webhooks/{made['id']}"),
            ("GET", f"/webhooks/{made['id']}/deliveries"),
            ("POST", f"/webhooks/{made['id']}/rotate-secret"),
            ("POST", f"/webhooks/{made['id']}/test"),
            ("POST", f"/webhooks/deliveries/{delivery['id']}/resend"),
        ):
            (await other.ask(method, path)).problem(404, "notFound")
        (await other.ask("PATCH", f"/webhooks/{made['id']}", json={"enabled": False})).problem(404, "notFound")


async def test_a_reader_changes_nothing(api: Api) -> None:
    """The scope `read` lists webhooks and deliveries, and does nothing else."""
    async with calling(api, Scope.ADMIN) as owner, calling(api, Scope.READ) as reader:
        path = f"/webhooks/{(await owner.post('/webhooks', NEW, 201))['id']}"
        await reader.get(f"{path}/deliveries")
        for method, tried in (("POST", "/webhooks"), ("DELETE", path), ("POST", f"{path}/test")):
            (await reader.ask(method, tried, json=NEW)).problem(403, "scopeMissing")


async def test_ids_that_are_none_are_unknown(api: Api) -> None:
    """An id of another form is unknown, as one that does not exist; an unknown status is named."""
    async with calling(api, Scope.ADMIN) as caller:
        for path in ("/webhooks/x", f"/webhooks/{NOBODY}", f"/webhooks/{NOBODY}/deliveries"):
            (await caller.ask("GET", path)).problem(404, "notFound")
        path = f"/webhooks/{(await caller.post('/webhooks', NEW, 201))['id']}"
        answer = await caller.ask("GET", f"{path}/deliveries?status=lost")
        assert answer.problem(400, "invalidField")["field"] == "status"
