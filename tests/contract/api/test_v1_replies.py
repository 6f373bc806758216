"""Replies over the management API; whole bodies."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import ContentKind, Participant, ThreadMessage
from confrere.domain.keys import Scope
from confrere.domain.outcome import SessionDead, Throttled
from confrere.domain.urns import ProfileUrn
from tests.contract.api.conftest import RECIPIENT, Api
from tests.contract.api.management import calling
from tests.contract.api.openapi import record_reply

NOBODY = "0" * 32


async def send_id_of(api: Api) -> str:
    """Send a message, and return its id in the ledger."""
    assert (await api.send()).status == 200
    ledger = await (await api.http.get(f"/linkedin/account/{api.account.id}/sends")).json()
    send_id: str = ledger["sends"][0]["id"]
    return send_id


async def test_a_reply_is_read_and_handled(api: Api) -> None:
    """Its whole body, in the list and alone; handling it is recorded with the key, and can be taken back."""
    send_id = await send_id_of(api)
    reply_id = await record_reply(api, send_id, kinds=(ContentKind.SHARE,))
    async with calling(api, Scope.INBOX) as caller:
        reply = await caller.get(f"/replies/{reply_id}")
        assert reply == {
            "id": reply_id,
            "recipientProfileUrn": RECIPIENT,
            "name": "Bastien Exemple",
            "text": "Hello Anna, gladly",
            "kinds": ["share"],
            "receivedAt": "2026-03-14T09:00:00Z",
            "accountId": api.account.id,
            "campaignId": None,
            "sendId": send_id,
            "conversationUrn": f"urn:li:msg_conversation:({api.account.profile_urn},2-NjVmMWEyYjM=)",
            "messageUrn": f"urn:li:msg_message:{reply_id}",
            "mayWantOut": False,
            "optedOut": False,
            "handled": False,
            "handledAt": None,
            "handledBy": None,
        }
        assert await caller.get("/replies") == {"items": [reply], "nextCursor": None}
        [caller_key] = [key.id for key in await api.services.store.list_keys("default") if key.name == "caller"]
        handled = await caller.post(f"/replies/{reply_id}/handled")
        assert handled == {**reply, "handled": True, "handledAt": handled["handledAt"], "handledBy": caller_key}
        assert await caller.post(f"/replies/{reply_id}/handled", {"handled": True}) == handled
        assert await caller.post(f"/replies/{reply_id}/handled", {"handled": False}) == reply
        assert await caller.post(f"/replies/{reply_id}/handled", {}) | {"handledAt": None} == {
            **handled,
            "handledAt": None,
        }


async def test_replies_are_filtered_and_paged(api: Api) -> None:
    """By each filter alone and together; a page after the other gives all of them, the last recorded first."""
    send_id = await send_id_of(api)
    ids = []
    for number in range(4):
        ids.append(await record_reply(api, send_id, may_want_out=number == 0, opted_out=number == 1, text=None))
        await asyncio.sleep(0.002)  # ids are in order from one millisecond to the next
    async with calling(api, Scope.INBOX) as caller:

        async def listed(query: str) -> list[str]:
            return [item["id"] for item in (await caller.get(f"/replies?{query}"))["items"]]

        await caller.post(f"/replies/{ids[0]}/handled")
        assert await listed("mayWantOut=true") == ids[:1]
        assert await listed("mayWantOut=false&handled=false") == ids[:0:-1]
        assert await listed("mayWantOut=true&handled=false") == []
        assert await listed(f"recipient={RECIPIENT}") == ids[::-1]
        assert await listed("recipient=urn:li:fsd_profile:ACoAAnobody") == []
        assert await listed(f"accountId={api.account.id}&handled=true") == ids[:1]
        pages, query = [], "limit=3"
        while True:
            page = await caller.get(f"/replies?{query}")
            pages.append([item["id"] for item in page["items"]])
            if page["nextCursor"] is None:
                break
            query = f"limit=3&cursor={page['nextCursor']}"
        assert pages == [ids[:0:-1], ids[:1]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("campaignId=spring", "campaignId"),
        ("accountId=abc", "accountId"),
        ("handled=yes", "handled"),
        ("mayWantOut=1", "mayWantOut"),
        ("recipient=x", "recipient"),
        ("cursor=abc", "cursor"),
        ("limit=0", "limit"),
    ],
)
async def test_a_wrong_filter_is_named(api: Api, query: str, field: str) -> None:
    """The 400 has the parameter."""
    async with calling(api, Scope.INBOX) as caller:
        assert (await caller.ask("GET", f"/replies?{query}")).problem(400, "invalidField")["field"] == field


async def test_what_does_not_exist_is_a_404(api: Api) -> None:
    """A reply of another workspace, an unknown campaign, an id of another form."""
    reply_id = await record_reply(api, await send_id_of(api))
    async with calling(api, Scope.ADMIN) as caller, calling(api, Scope.ADMIN, workspace_id="another") as other:
        for path in (f"/replies/{NOBODY}", "/replies/abc", f"/replies/{NOBODY}/conversation"):
            (await caller.ask("GET", path)).problem(404, "notFound")
        (await caller.ask("POST", f"/replies/{NOBODY}/handled")).problem(404, "notFound")
        (await caller.ask("GET", f"/replies?campaignId={NOBODY}")).problem(404, "notFound")
        (await other.ask("GET", f"/replies/{reply_id}")).problem(404, "notFound")
        (await other.ask("POST", f"/replies/{reply_id}/handled")).problem(404, "notFound")
        assert await other.get("/replies") == {"items": [], "nextCursor": None}
        refused = await caller.ask("POST", f"/replies/{reply_id}/handled", json={"handled": "yes"})
        assert refused.problem(400, "invalidField")["field"] == "handled"
        bad_cursor = await caller.ask("GET", f"/replies/{reply_id}/conversation?cursor=YWJj")
        assert bad_cursor.problem(400, "invalidField")["field"] == "cursor"


@pytest.mark.parametrize(
    ("scope", "may"), [(Scope.READ, False), (Scope.SEND, False), (Scope.INBOX, True), (Scope.ADMIN, True)]
)
async def test_replies_are_private(api: Api, scope: Scope, may: bool) -> None:
    """Only the scopes `inbox` and `admin` read what people have written."""
    reply_id = await record_reply(api, await send_id_of(api))
    calls = [
        ("GET", "/replies"),
        ("GET", f"/replies/{reply_id}"),
        ("POST", f"/replies/{reply_id}/handled"),
        ("GET", f"/replies/{reply_id}/conversation"),
    ]
    async with calling(api, scope) as caller:
        for method, path in calls:
            assert (await caller.ask(method, path)).status == (200 if may else 403)


async def test_a_conversation_is_read_page_by_page(api: Api) -> None:
    """As LinkedIn shows it, newest first, own messages among them; nothing is marked as read."""
    reply_id = await record_reply(api, await send_id_of(api))
    reply = await api.services.replies.read("default", reply_id)
    owner, other = Participant(ProfileUrn(api.account.profile_urn)), Participant(ProfileUrn(RECIPIENT), "Bastien", None)
    base = ThreadMessage("urn:1", owner, "Hello", (), 1_773_478_842_000)
    api.upstream.threads[reply.conversation_urn] = [
        base,
        replace(
            base,
            message_urn="urn:2",
            sender=other,
            text=None,
            kinds=(ContentKind.IMAGE,),
            delivered_at_ms=1_773_478_843_000,
        ),
        replace(base, message_urn="urn:3", sender=None, text="Gone", delivered_at_ms=1_773_478_844_000),
    ]
    async with calling(api, Scope.INBOX) as caller:
        first = await caller.get(f"/replies/{reply_id}/conversation?limit=2")
        second = await caller.get(f"/replies/{reply_id}/conversation?limit=2&cursor={first['nextCursor']}")
    assert first["items"] == [
        {
            "messageUrn": "urn:3",
            "senderProfileUrn": None,
            "senderName": None,
            "isSentByAccount": False,
            "text": "Gone",
            "kinds": [],
            "sentAt": "2026-03-14T09:00:44Z",
        },
        {
            "messageUrn": "urn:2",
            "senderProfileUrn": RECIPIENT,
            "senderName": "Bastien",
            "isSentByAccount": False,
            "text": None,
            "kinds": ["image"],
            "sentAt": "2026-03-14T09:00:43Z",
        },
    ]
    assert [(item["messageUrn"], item["isSentByAccount"]) for item in second["items"]] == [("urn:1", True)]
    assert second["nextCursor"] is None
    assert api.upstream.marked_seen == []


@pytest.mark.parametrize(
    ("said", "status", "kind"),
    [
        (Unreadable("LinkedIn did not answer"), 502, "linkedinUnreadable"),
        (SessionDead("LinkedIn asked to log in"), 422, "sessionRefused"),
        (Throttled(429, 3_600), 429, "linkedinThrottles"),
    ],
)
async def test_a_conversation_that_cannot_be_read_is_a_problem(api: Api, said: Any, status: int, kind: str) -> None:
    """With LinkedIn's reason; the account stops as it would at a send."""
    reply_id = await record_reply(api, await send_id_of(api))
    api.upstream.next_reads = [said]
    async with calling(api, Scope.INBOX) as caller:
        (await caller.ask("GET", f"/replies/{reply_id}/conversation")).problem(status, kind)
        again = await caller.ask("GET", f"/replies/{reply_id}/conversation")
    assert again.status == (200 if status == 502 else status)


async def test_a_reply_is_answered_in_its_conversation(api: Api) -> None:
    """An answer goes once into the conversation of the reply, takes a unit, and needs `inbox` and `send`."""
    reply_id = await record_reply(api, await send_id_of(api))
    async with calling(api, Scope.INBOX) as caller:
        (await caller.ask("POST", f"/replies/{reply_id}/answer", json={"text": "Gladly"})).problem(403, "scopeMissing")
    async with calling(api, Scope.ADMIN) as caller:
        key = {"Idempotency-Key": "answer-1"}
        for replayed in (None, "true"):
            answer = await caller.ask("POST", f"/replies/{reply_id}/answer", json={"text": "Gladly"}, headers=key)
            assert (answer.status, answer.body["success"]) == (200, True)
            assert answer.headers.get("Idempotency-Replayed") == replayed
        (await caller.ask("POST", f"/replies/{reply_id}/answer", json={"text": " "})).problem(400, "invalidField")
    assert [sent.text for sent in api.upstream.replies] == ["Gladly"]
