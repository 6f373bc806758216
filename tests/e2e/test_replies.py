"""Replies over the whole product, with the sandbox as LinkedIn and a worker whose clock the test moves."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from confrere.domain.account import AccountStatus
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import PersonFilter, PersonStatus
from confrere.domain.conversation import ContentKind
from confrere.domain.message import MessageText
from confrere.domain.reply import Reply, ReplyFilter
from confrere.domain.send_request import SendRequest
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.inbox import ConversationsPage, MessagesPage
from confrere.sending.caller import CallerConnection
from confrere.services import Services
from tests.sandbox_process import SandboxProcess
from tests.server_process import OpenServices, Site, prepare_site

EVERY, DAYS = timedelta(minutes=5), timedelta(days=30)
ANSWER = "Glad to hear from you, call me on Thursday"


class Worker:
    """A worker on the site, whose clock runs ahead."""

    def __init__(self, site: Site, sandbox: SandboxProcess) -> None:
        self.site = site
        self.sandbox = sandbox
        self.ahead = timedelta()
        self.open = OpenServices(site.settings, clock=lambda: datetime.now(UTC) + self.ahead)
        self.owner = sandbox.accounts[0].profile_urn
        ours = {account.profile_urn for account in sandbox.accounts}
        people = sandbox.world(group=sandbox.group_id, count=40)["recipients"]
        self.people = [ProfileUrn(one["profileUrn"]) for one in people if one["profileUrn"] not in ours]
        self.services: Services

    async def write_to(self, number: int) -> str:
        """Send a plain message to this person; return its id."""
        request = SendRequest(
            f"request-{number}",
            "default",
            None,
            self.people[number],
            GroupId(self.sandbox.group_id),
            MessageText(f"Hello {number}"),
        )
        result = await self.services.sender.send(request, CallerConnection())
        assert result.send_id is not None
        return result.send_id

    async def start_campaign(self, people: range) -> str:
        """Start a campaign for these people; return its id."""
        audience = await self.services.audiences.create(
            "default",
            name="Members",
            group_id=GroupId(self.sandbox.group_id),
            people=[AudiencePerson.of(self.people[number]) for number in people],
        )
        draft = await self.services.campaigns.create(
            "default", name="Spring", audience_id=audience.id, text=MessageText("Dear member"), spread=False
        )
        await self.services.campaigns.start("default", draft.campaign.id)
        return draft.campaign.id

    async def send_due(self) -> None:
        """Send the messages of campaigns that are due."""
        await self.services.lanes.run_due()
        await self.services.background.wait_until_idle()

    def answer(self, number: int, text: str = "", kind: str = "text") -> None:
        """Let this person write to the account."""
        self.sandbox.reply(self.people[number], self.owner, text, kind=kind)

    async def poll(self, minutes: float = 5) -> list[Reply]:
        """Move the clock, poll what is due, and return all replies, the first recorded first."""
        self.ahead += timedelta(minutes=minutes)
        await self.services.mailbox_poller.add_senders(DAYS)
        await self.services.mailbox_poller.poll_due(EVERY, DAYS)
        await self.services.background.wait_until_idle()
        return list(reversed(await self.services.replies.list_page("default")))

    async def statuses(self, campaign_id: str) -> dict[int, PersonStatus]:
        """Return the status of each person of a campaign."""
        people = await self.services.store.list_campaign_people(
            "default", campaign_id, PersonFilter(), after_id=None, count=100
        )
        return {self.people.index(one.recipient): one.status for one in people}

    async def unread(self) -> set[str]:
        """Return the conversations that LinkedIn shows as unread."""
        reading = await self.services.mailbox.read_conversations(
            "default", None, cursor=None, count=100, unread_only=True
        )
        assert isinstance(reading.result, ConversationsPage)
        return {conversation.urn for conversation in reading.result.conversations}

    def reads(self) -> list[str]:
        """Return the queries of the mailbox and its threads that LinkedIn was asked, in order."""
        return [one["path"] for one in self.sandbox.requests(limit=1_000) if "queryId=messenger" in one["path"]]


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, sandbox: SandboxProcess) -> Site:
    """Create a store with one account, on each engine."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return prepare_site(tmp_path, sandbox, database_url=url)


@pytest.fixture
async def worker(site: Site, sandbox: SandboxProcess) -> AsyncIterator[Worker]:
    """Open a worker."""
    worker = Worker(site, sandbox)
    async with worker.open as services:
        worker.services = services
        yield worker


async def test_replies_of_every_kind_are_recorded_once(worker: Worker) -> None:
    """Texts, images, voice messages, files and shares; not our echo, LinkedIn's own messages or strangers."""
    sends = {number: await worker.write_to(number) for number in range(6)}
    assert await worker.poll() == []
    kinds = ["text", "image", "voice", "file", "share"]
    for number, kind in enumerate(kinds):
        worker.answer(number, ANSWER if kind == "text" else "", kind)
    worker.answer(5, "This person has changed jobs", "system")
    worker.answer(20, "Hello, who are you?")
    unread = await worker.unread()
    found = await worker.poll()
    assert await worker.poll() == found
    by_person = {worker.people.index(one.recipient): one for one in found}
    assert {number: (one.text, one.kinds) for number, one in by_person.items()} == {
        0: (ANSWER, ()),
        1: (None, (ContentKind.IMAGE,)),
        2: (None, (ContentKind.VOICE,)),
        3: (None, (ContentKind.FILE,)),
        4: (None, (ContentKind.SHARE,)),
    }
    assert {number: one.send_id for number, one in by_person.items()} == {n: sends[n] for n in range(5)}
    assert all(one.name for one in found)
    assert await worker.unread() == unread


async def test_who_has_replied_is_written_to_by_no_campaign(worker: Worker) -> None:
    """Not by the campaign that wrote to them, nor by one that waits: not after a plain message either."""
    await worker.write_to(0)
    first = await worker.start_campaign(range(1, 3))
    await worker.send_due()
    worker.answer(0, ANSWER)
    worker.answer(1, ANSWER)
    worker.answer(2, "stop")
    await worker.poll()
    second = await worker.start_campaign(range(5))
    await worker.send_due()
    assert await worker.statuses(first) == {1: PersonStatus.REPLIED, 2: PersonStatus.REPLIED}
    assert await worker.statuses(second) == {
        0: PersonStatus.SKIPPED,
        1: PersonStatus.SKIPPED,
        2: PersonStatus.SKIPPED,
        3: PersonStatus.SENT,
        4: PersonStatus.SENT,
    }
    assert [worker.sandbox.count_messages(recipient=worker.people[number]) for number in range(5)] == [1] * 5
    of_first = await worker.services.replies.list_page("default", ReplyFilter(campaign_id=first))
    assert {worker.people.index(one.recipient) for one in of_first} == {1, 2}
    assert await worker.services.store.read_opt_out("default", worker.people[2]) is not None


async def test_a_request_that_is_declined_or_accepted_is_no_reply(worker: Worker) -> None:
    """Without a word nobody has replied."""
    for number, state in enumerate(["DECLINED", "ACCEPTED"]):
        await worker.write_to(number)
        worker.sandbox.act(
            {"action": "answer_request", "member": worker.people[number], "account": worker.owner, "state": state}
        )
    assert await worker.poll() == []
    worker.answer(0, "No, really")
    assert len(await worker.poll()) == 1


async def test_linkedin_is_asked_little(worker: Worker) -> None:
    """One read a poll while nothing happens, a thread only where somebody has answered, and no read marks anything."""
    for number in range(5):
        await worker.write_to(number)
    await worker.poll()
    before = len(worker.reads())
    await worker.poll()
    worker.answer(2, ANSWER)
    await worker.poll(minutes=10)
    asked = worker.reads()[before:]
    assert [path.partition("queryId=")[2].partition(".")[0] for path in asked] == [
        "messengerConversations",
        "messengerConversations",
        "messengerMessages",
    ]
    writes = [one for one in worker.sandbox.requests(limit=1_000) if one["method"] == "POST"]
    assert all("createMessage" in one["path"] for one in writes)


async def test_an_unknown_token_loses_nothing(worker: Worker) -> None:
    """LinkedIn forgets the token: the mailbox is read anew, back to the last poll, over several pages."""
    for number in range(30):
        await worker.write_to(number)
    await worker.poll(minutes=0)
    worker.answer(0, ANSWER)
    for number in range(1, 30):
        worker.answer(number, f"Answer {number}", "system")
    store, now = worker.services.store, worker.services.clock()
    [mailbox] = await store.claim_mailboxes(now + EVERY, sent_since=now - DAYS, count=1, lease_until=now + 2 * EVERY)
    await store.release_mailbox(replace(mailbox, sync_token="rubbish"), now)
    found = await worker.poll(minutes=0)
    assert [(one.text, worker.people.index(one.recipient)) for one in found] == [(ANSWER, 0)]


async def test_a_challenge_stops_the_account_and_its_sends(worker: Worker) -> None:
    """As it would at a send: a person has to act, and no message begins meanwhile."""
    campaign = await worker.start_campaign(range(3))
    await worker.write_to(9)
    await worker.poll()
    worker.sandbox.faults([{"match": {"path": "MessagingGraphQL"}, "effect": "challenge"}])
    assert await worker.poll() == []
    account = await worker.services.store.read_account("default", None)
    assert account.status is AccountStatus.ERROR
    asked = len(worker.sandbox.requests(limit=1_000))
    await worker.poll(minutes=60)
    await worker.send_due()
    assert len(worker.sandbox.requests(limit=1_000)) == asked
    assert set((await worker.statuses(campaign)).values()) == {PersonStatus.WAITING}


async def test_two_workers_record_a_reply_once(worker: Worker, site: Site) -> None:
    """Both poll whatever is due, all the time."""
    for number in range(8):
        await worker.write_to(number)
        worker.answer(number, f"Answer {number}")
    async with OpenServices(site.settings, clock=lambda: datetime.now(UTC) + worker.ahead) as second:

        async def work(services: Services) -> None:
            for _ in range(4):
                await services.mailbox_poller.add_senders(DAYS)
                await services.mailbox_poller.poll_due(EVERY, DAYS)
                await services.background.wait_until_idle()
                worker.ahead += timedelta(minutes=3)

        await asyncio.gather(work(worker.services), work(second))
    found = await worker.poll()
    assert sorted(one.text or "" for one in found) == [f"Answer {number}" for number in range(8)]


async def test_the_conversation_of_a_reply_is_read(worker: Worker) -> None:
    """As LinkedIn shows it; where an answer goes is known."""
    await worker.write_to(0)
    worker.answer(0, ANSWER)
    [reply] = await worker.poll()
    reading = await worker.services.replies.read_conversation("default", reply.id)
    assert isinstance(reading.result, MessagesPage)
    assert [message.text for message in reading.result.messages] == [ANSWER, "Hello 0"]
    target = await worker.services.replies.find_target("default", reply.id)
    assert (target.account_id, target.recipient) == (worker.site.account_ids[0], worker.people[0])
    assert target.conversation_urn == reply.conversation_urn
