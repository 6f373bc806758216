"""Campaigns, audiences, people and conversations through both clients, against a real server."""

import asyncio
import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from confrere.domain.keys import Scope
from confrere_client import AsyncClient, Client, Conflict, InvalidRequest, NotFound, Refused
from confrere_client.resource import Resource
from tests.contract.python_client.conftest import Either
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site

Connect = Callable[..., Either]
NOBODY_ELSE = "urn:li:fsd_profile:ACoAAnobodyElseWritesToMe"
"""In the shared ledger no other test has written to them."""

TEXT = "Hello! We meet on Friday. Answer stop, and I will not write again."


@pytest.fixture
def either(connect: Connect, server: ServerProcess, site: Site) -> Either:
    """Open a client of the server, with a key that may do everything."""

    async def create() -> str:
        async with site.services() as services:
            _, key = await services.keys.create("default", name="admin", scopes=[Scope.ADMIN])
            return key

    return connect(server.url, asyncio.run(create()))


def prepare(either: Either, sandbox: SandboxProcess, **more: object) -> tuple[str, str]:
    """Write an audience of one person, and the draft of a campaign; return both ids."""
    audience = either(
        lambda client: client.audiences.create(
            name="Spring", group_id=int(sandbox.group_id), recipients=[NOBODY_ELSE, NOBODY_ELSE]
        )
    )
    campaign = either(
        lambda client: client.campaigns.create(**{"name": "Spring", "audience_id": audience.id, "text": TEXT, **more})
    )
    return audience.id, campaign.id


def test_a_campaign_is_prepared_checked_started_and_paused(either: Either, sandbox: SandboxProcess, site: Site) -> None:
    """What was checked is started, one status after the other, and nobody is sent anything without a worker."""
    begins = (datetime.now(UTC) + timedelta(hours=6)).replace(microsecond=0)
    audience_id, campaign_id = prepare(either, sandbox, daily_cap=5, spread=False, starts_at=begins)
    campaign = either(lambda client: client.campaigns.get(campaign_id))
    assert (campaign.status, campaign.audience_id, campaign.account_id) == ("draft", audience_id, site.account_ids[0])
    assert (campaign.daily_cap, campaign.spread, campaign.skip_existing_conversations) == (5, False, True)
    assert campaign.starts_at == begins
    assert campaign.why_not.reason == "campaign_paused"

    check = either(lambda client: client.campaigns.check(campaign_id))
    assert (check.would_send, check.skipped) == (1, {})
    assert check.texts.shortest == check.texts.longest == TEXT
    assert TEXT not in repr(check)
    with pytest.raises(Conflict) as changed:
        either(lambda client: client.campaigns.start(campaign_id, content_hash="0" * 64))
    assert (changed.value.status, changed.value.problem) == (409, "contentChanged")

    started = either(lambda client: client.campaigns.start(campaign_id, content_hash=check.content_hash, first=1))
    assert (started.status, started.counts.waiting, started.why_not.reason) == ("scheduled", 1, "scheduled")
    assert started.why_not.until == begins
    with pytest.raises(Conflict) as again:
        either(lambda client: client.campaigns.start(campaign_id, content_hash=check.content_hash))
    assert again.value.problem == "wrongStatus"
    assert either(lambda client: client.campaigns.pause(campaign_id)).cause == "person"
    assert either(lambda client: client.campaigns.resume(campaign_id)).status == "scheduled"
    [person] = either(lambda client: client.campaigns.people(campaign_id, status="waiting"))
    assert (person.recipient_profile_urn, person.status) == (NOBODY_ELSE, "waiting")
    assert (person.reason, person.until, person.sent_at) == ("scheduled", begins, None)
    assert either(lambda client: client.campaigns.stop(campaign_id)).counts.skipped == 1
    assert either(lambda client: client.campaigns.archive(campaign_id)).status == "archived"
    assert campaign_id in {one.id for one in either(lambda client: client.campaigns.list(status="archived"))}
    assert campaign_id not in {one.id for one in either(lambda client: client.campaigns.list())}
    assert sandbox.count_messages() == 0


def test_audiences_are_read_back(either: Either, sandbox: SandboxProcess) -> None:
    """An audience has each person once, is read by its id, and is the newest of the list."""
    audience_id, _ = prepare(either, sandbox)
    audience = either(lambda client: client.audiences.get(audience_id))
    assert (audience.name, audience.group_id, audience.source, audience.count) == ("Spring", sandbox.group_id, "ids", 1)
    assert either(lambda client: client.audiences.list())[0] == audience
    people = either(lambda client: client.audiences.people(audience_id))
    assert [one.recipient_profile_urn for one in people] == [NOBODY_ELSE]


def test_lists_are_followed_page_by_page(either: Either, sandbox: SandboxProcess) -> None:
    """A list goes on over all its pages, each thing once."""
    members = either(lambda client: client.groups.members(sandbox.group_id, count=10)).members
    urns = [one.profile_urn for one in members if one.profile_urn][:5]
    audience = either(lambda client: client.audiences.create(name="Five", group_id=sandbox.group_id, recipients=urns))
    people = either(lambda client: client.audiences.people(audience.id, page_size=2))
    assert [one.recipient_profile_urn for one in people] == urns


def test_problems_are_named_with_their_field(either: Either, sandbox: SandboxProcess) -> None:
    """An error of the management API has its kind, its field and its sentence, and nothing was written."""
    with pytest.raises(InvalidRequest, match="startsAt must lie in the future") as late:
        prepare(either, sandbox, starts_at=datetime(2001, 1, 1, tzinfo=UTC))
    assert (late.value.status, late.value.problem, late.value.field) == (400, "invalidField", "startsAt")
    assert late.value.request_id
    with pytest.raises(NotFound, match="There is no such campaign"):
        either(lambda client: client.campaigns.get("0" * 32))
    with pytest.raises(InvalidRequest, match="recipients must be a list of strings, not str"):
        either(lambda client: client.audiences.create(name="x", group_id="1", recipients="urn:li:fsd_profile:A"))
    with pytest.raises(InvalidRequest, match="starts_at must know its time zone"):
        prepare(either, sandbox, starts_at=datetime(2999, 1, 1))  # noqa: DTZ001
    with pytest.raises(InvalidRequest, match="campaign_id must not be empty"):
        either(lambda client: client.campaigns.people(""))


def test_a_key_that_may_not_start_is_refused(
    either: Either, connect: Connect, sandbox: SandboxProcess, server: ServerProcess, site: Site
) -> None:
    """A key with the scope `send` prepares and checks, and does not start."""
    _, campaign_id = prepare(connect(server.url, site.key), sandbox)
    check = either(lambda client: client.campaigns.check(campaign_id))
    with pytest.raises(Refused) as refused:
        connect(server.url, site.key)(
            lambda client: client.campaigns.start(campaign_id, content_hash=check.content_hash)
        )
    assert (refused.value.status, refused.value.problem, refused.value.details) == (403, "scopeMissing", None)
    assert either(lambda client: client.campaigns.get(campaign_id)).status == "draft"


def test_a_person_is_resolved(either: Either, sandbox: SandboxProcess) -> None:
    """The address of a profile, and the name in it, lead to the person's URN."""
    known = sandbox.accounts[1]
    by_address = either(lambda client: client.people.resolve(f"https://www.linkedin.com/in/{known.public_identifier}/"))
    assert (by_address.profile_urn, by_address.first_name) == (known.profile_urn, known.first_name)
    assert either(lambda client: client.people.resolve(known.public_identifier)) == by_address
    with pytest.raises(NotFound):
        either(lambda client: client.people.resolve("nobody-of-this-name"))


def test_a_person_is_exported_and_erased(either: Either) -> None:
    """Everything is returned as the API has it; an erasure counts what is gone, and is the same when repeated."""
    urn = "urn:li:fsd_profile:ACoAAErasedByTheClient"
    found: Any = either(lambda client: client.people.export(urn))
    assert found["recipientProfileUrn"] == urn
    erased = either(lambda client: client.people.erase(urn))
    assert (erased.do_not_contact, erased.pending) == (True, 0)
    assert either(lambda client: client.people.erase(urn)).erased_at == erased.erased_at
    with pytest.raises(InvalidRequest):
        either(lambda client: client.people.erase(""))


def test_a_conversation_is_read_and_marked_as_seen(either: Either, sandbox: SandboxProcess) -> None:
    """The mailbox and a conversation are iterated over page by page, and only `mark_seen` makes it read."""
    either(
        lambda client: client.messaging.send_group(
            recipient=sandbox.recipient, group_id=sandbox.group_id, message="Hello to whom it concerns"
        )
    )
    sandbox.reply(sandbox.recipient, sandbox.accounts[0].profile_urn, "Glad to hear from you")
    [conversation, *_] = either(lambda client: client.conversations.list(unread_only=True, page_size=1))
    assert (conversation.unread_count, conversation.latest_message.text) == (1, "Glad to hear from you")
    urn = conversation.conversation_urn
    messages = either(lambda client: client.conversations.messages(urn, page_size=1))
    assert [(one.text, one.is_sent_by_owner) for one in messages] == [
        ("Glad to hear from you", False),
        ("Hello to whom it concerns", True),
    ]
    assert "Glad" not in repr([conversation, messages])
    newest = messages[0].sent_at
    assert newest.tzinfo
    assert newest == conversation.last_activity_at
    assert either(lambda client: client.conversations.messages(urn, since=newest)) == []
    assert either(lambda client: client.conversations.mark_seen(urn)).conversation_urn == urn
    assert either(lambda client: client.conversations.list(page_size=5))[0].unread_count == 0


def test_both_clients_have_the_same_methods_with_their_signatures_and_docstrings() -> None:
    """A method is described where it is used, and alike on both clients."""
    clients = (Client(api_key="k"), AsyncClient(api_key="k"))
    parts = [name for name, part in vars(clients[0]).items() if isinstance(part, Resource)]
    assert len(parts) == 12
    for part in parts:
        blocking, other = (getattr(client, part) for client in clients)
        for name in (name for name in vars(type(blocking)) if not name.startswith("_")):
            method = getattr(blocking, name)
            assert method.__doc__
            assert method.__name__ == name
            assert "self" not in inspect.signature(method).parameters
            assert inspect.signature(method) == inspect.signature(getattr(other, name))
    clients[0].close()
    asyncio.run(clients[1].aclose())
