"""Messages without a group: where they go, and that they are sent as all others are."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from confrere.domain.account import Account, AccountStatus
from confrere.domain.attempt import Absent, AccountProblem, OutgoingMessage, OutgoingReply, Unreadable
from confrere.domain.conversation import Conversation, Participant
from confrere.domain.errors import AccountDisabled, AccountHeld, InvalidField, KeyInUse, KeyReused, NoSession, NotFound
from confrere.domain.limits import Action
from confrere.domain.outcome import OPTED_OUT, Accepted, NotSent, OutcomeName, Refused, SessionDead, Throttled, Unknown
from confrere.domain.person import VanityName
from confrere.domain.send import Send, SendFilter
from confrere.domain.urns import ConversationUrn, ProfileUrn
from confrere.sending import CallerConnection, Destination, Reading, SendResult, thread_search
from confrere.services import Services
from tests.fakes.upstream import BASTIEN, BROWSER, ODILE, THREAD, FakeUpstream
from tests.unit.sending.conftest import NOON, HandClock
from tests.unit.sending.requests import RECIPIENT, a_request, used
from tests.unit.sending.requests import send as send_to_group

pytestmark = pytest.mark.usefixtures("account")

CONVERSATION = ConversationUrn(THREAD)
ELSEWHERE = ConversationUrn("urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAsomebody,2-NWExZQ==)")
OWNER = Participant(ProfileUrn(ODILE.profile_urn))
OTHER = Participant(BASTIEN.profile_urn)


async def send(
    services: Services,
    *,
    into: ConversationUrn | None = CONVERSATION,
    answered: bool = True,
    text: str = "Hello",
    key: str | None = None,
) -> SendResult:
    """Send a plain message, and record the answer as delivered unless the test does not want that."""
    line = CallerConnection()
    request = replace(a_request(text, key=key), group_id=None, conversation_urn=into)
    result = await services.sender.send(request, line)
    if answered:
        services.sender.record_answered(line)
    else:
        services.sender.record_disconnect(line)
        await services.background.wait_until_idle()
    return result


async def rows(services: Services) -> list[Send]:
    """The ledger, newest first."""
    _, sends = await services.history.list_of_account("default", None, SendFilter(), before_id=None, count=500)
    return list(sends)


# ---- where it goes ----------------------------------------------------------------------------------------------


async def test_it_goes_into_the_conversation_that_is_named(services: Services, upstream: FakeUpstream) -> None:
    """A named conversation is not looked for, and the message has no recipients."""
    result = await send(services)
    [row] = await rows(services)
    assert upstream.replies == [OutgoingReply(ODILE.profile_urn, CONVERSATION, "Hello", row.origin_token)]
    assert (upstream.seen, result.outcome.name) == ([], OutcomeName.ACCEPTED)
    assert (row.group_id, row.recipient) == (None, RECIPIENT)


async def test_it_goes_into_the_conversation_that_is_found(services: Services, upstream: FakeUpstream) -> None:
    """Where a person is named, the conversation with them is looked for after the unit was taken."""
    upstream.conversation = THREAD
    await send(services, into=None)
    assert [reply.conversation_urn for reply in upstream.replies] == [THREAD]


async def test_it_begins_a_conversation_where_there_is_none(services: Services, upstream: FakeUpstream) -> None:
    """Without a conversation the message names the person, and no group as its context."""
    await send(services, into=None)
    [row] = await rows(services)
    assert upstream.seen == [OutgoingMessage(ODILE.profile_urn, RECIPIENT, None, "Hello", row.origin_token)]
    assert upstream.replies == []


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (Unreadable("Request failed with status code 503"), OutcomeName.NOT_SENT),
        (Throttled(429, 60), OutcomeName.THROTTLED),
        (SessionDead("LinkedIn asks to log in"), OutcomeName.SESSION_DEAD),
    ],
)
async def test_nothing_is_sent_where_the_conversation_cannot_be_looked_for(
    services: Services, upstream: FakeUpstream, said: AccountProblem | Unreadable, outcome: OutcomeName
) -> None:
    """Certainly nothing was sent: the unit is given back, the key is free; LinkedIn's objections stop the account."""
    upstream.next_reads = [said]
    result = await send(services, into=None, key="k1")
    assert (result.outcome.name, await used(services)) == (outcome, 0)
    account = await services.accounts.read("default", None)
    assert account.is_held(NOON) == (outcome is OutcomeName.THROTTLED)
    assert (account.status is AccountStatus.ERROR) == (outcome is OutcomeName.SESSION_DEAD)
    assert (upstream.seen, upstream.replies) == ([], [])
    if outcome is OutcomeName.NOT_SENT:
        assert (await send(services, into=None, key="k1")).outcome.name is OutcomeName.ACCEPTED


async def test_the_search_for_the_conversation_ends_in_time(
    services: Services, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read that takes too long keeps the message from being sent."""
    monkeypatch.setattr(thread_search, "SEARCH_SECONDS", 0.01)

    async def never(*_: object) -> str:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(upstream, "find_conversation", never)
    result = await send(services, into=None)
    assert isinstance(result.outcome, NotSent)
    assert "LinkedIn did not answer in time" in result.outcome.why


async def test_nothing_is_sent_for_a_caller_who_disconnected_meanwhile(
    services: Services, upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is polled, and the lease read, after the search."""
    line = CallerConnection()

    async def find(*_: object) -> str:
        services.sender.record_disconnect(line)
        return THREAD

    monkeypatch.setattr(upstream, "find_conversation", find)
    request = replace(a_request(), group_id=None)
    assert (await services.sender.send(request, line)).outcome.name is OutcomeName.NOT_SENT
    assert upstream.replies == []


# ---- the guarantees ---------------------------------------------------------------------------------------------


async def test_opted_out_people_get_none(services: Services, upstream: FakeUpstream) -> None:
    """LinkedIn is asked nothing about a person on the do-not-contact list."""
    await services.do_not_contact.add("default", [RECIPIENT], reason="asked", source="test")
    for into in (CONVERSATION, None):
        assert (await send(services, into=into)).outcome == OPTED_OUT
    assert (upstream.replies, upstream.seen, await used(services)) == ([], [], 0)


@pytest.mark.parametrize("into", [CONVERSATION, None])
async def test_once_a_key_replays_although_linkedin_cannot_be_read(
    services: Services, upstream: FakeUpstream, into: ConversationUrn | None
) -> None:
    """The answer that settled the matter is given again, also when the session is dead by then."""
    first = await send(services, into=into, key="k1")
    upstream.next_attempts = []
    upstream.will(SessionDead("LinkedIn asks to log in"))
    await send(services, text="another")
    again = await send(services, into=into, key="k1")
    assert (again.outcome, again.replayed, again.send_id) == (first.outcome, True, first.send_id)
    assert isinstance(again.outcome, Accepted)


async def test_once_a_key_belongs_to_one_kind_of_message(services: Services, upstream: FakeUpstream) -> None:
    """The same words through a group are another request."""
    await send(services, key="k1")
    with pytest.raises(KeyReused):
        await send_to_group(services, key="k1")
    assert len(upstream.replies) == 1


async def test_once_a_key_in_use_is_rejected(services: Services, upstream: FakeUpstream) -> None:
    """While the first request is in flight, a second one with its key is rejected."""
    upstream.gate = asyncio.Event()
    first = asyncio.create_task(send(services, key="k1"))
    while not upstream.replies:
        await asyncio.sleep(0.001)
    with pytest.raises(KeyInUse):
        await send(services, key="k1")
    upstream.gate.set()
    await first


@pytest.mark.parametrize("key", [None, "k1"])
async def test_once_a_repeat_of_unknown_finds_the_message(
    services: Services, upstream: FakeUpstream, key: str | None
) -> None:
    """It is searched for by its token, in the conversation that the row names."""
    upstream.will(Unknown("no answer"))
    first = await send(services, key=key)
    [row] = await rows(services)
    upstream.replies.append(OutgoingReply("", THREAD, "", row.origin_token))
    again = await send(services, key=key)
    assert (again.outcome.name, again.send_id) == (OutcomeName.ACCEPTED, first.send_id)
    assert (upstream.searched, len(upstream.replies), await used(services)) == ([CONVERSATION], 1, 1)


async def test_once_a_begun_conversation_is_found_by_its_repeat(services: Services, upstream: FakeUpstream) -> None:
    """The first message of a conversation whose answer was lost is not sent again into the conversation it began."""
    upstream.will(Unknown("no answer"))
    first = await send(services, into=None)
    [row] = await rows(services)
    upstream.seen.append(OutgoingMessage("", "", None, "", row.origin_token))
    again = await send(services, into=CONVERSATION)
    assert (again.send_id, again.outcome.name) == (first.send_id, OutcomeName.ACCEPTED)
    assert (upstream.searched, upstream.replies) == ([None], [])


async def test_once_a_repeat_of_unknown_sends_only_when_two_reads_minutes_apart_are_empty(
    services: Services, upstream: FakeUpstream, clock: HandClock
) -> None:
    """As for a message through a group."""
    upstream.will(Unknown("no answer"))
    await send(services)
    upstream.next_searches = [Absent(), Absent()]
    assert (await send(services)).outcome.name is OutcomeName.UNKNOWN
    clock.pass_time(minutes=2)
    assert (await send(services)).outcome.name is OutcomeName.ACCEPTED
    assert (len(upstream.replies), await used(services)) == (1, 1)


async def test_once_a_repeat_after_a_disconnect_joins(services: Services, upstream: FakeUpstream) -> None:
    """The repeat of a caller that disconnected returns the first outcome; the next request is new."""
    first = await send(services, answered=False)
    assert (await send(services)).send_id == first.send_id
    assert (await send(services)).send_id != first.send_id
    assert len(upstream.replies) == 2


async def test_truth_of_a_bug_after_the_unit_was_taken_is_unknown(services: Services, upstream: FakeUpstream) -> None:
    """Also of a bug in the search for the conversation."""
    upstream.next_reads = [RuntimeError("a bug")]
    with pytest.raises(RuntimeError):
        await send(services, into=None)
    assert [row.outcome for row in await rows(services)] == [OutcomeName.UNKNOWN]
    assert await used(services) == 1


async def test_it_is_no_first_contact(services: Services) -> None:
    """The month's count of first messages through a group stays as it is."""
    await send(services)
    _, quotas = await services.accounts.read_quotas("default", None)
    assert {quota.action: quota.used for quota in quotas}[Action.GROUP_FIRST_CONTACT] == 0


# ---- destinations -----------------------------------------------------------------------------------------------


async def find(services: Services, **named: object) -> object:
    """Find the destination that is named so."""
    values = {"conversation": None, "person": None, **named}
    return await services.conversations.find("default", None, **values)  # type: ignore[arg-type]


async def test_a_person_by_urn_is_known_without_a_read(
    services: Services, upstream: FakeUpstream, account: Account
) -> None:
    """LinkedIn is asked nothing."""
    found = await find(services, person=RECIPIENT)
    assert found == Destination(account.id, RECIPIENT, None)
    assert (upstream.asked_people, upstream.asked_conversations) == ([], [])


async def test_a_person_by_name_is_resolved(services: Services, upstream: FakeUpstream, account: Account) -> None:
    """A vanity name costs one read; an unknown one is NotFound; a failed read is returned."""
    found = await find(services, person=VanityName("bastien-exemple"))
    assert found == Destination(account.id, BASTIEN.profile_urn, None)
    with pytest.raises(NotFound, match="knows no person"):
        await find(services, person=VanityName("nobody"))
    upstream.next_reads = [Refused(403, "Forbidden", None, "no")]
    refused = await find(services, person=VanityName("another"))
    assert isinstance(refused, Reading)
    assert refused.result == Refused(403, "Forbidden", None, "no")


async def test_the_other_side_of_a_conversation_is_read_once(
    services: Services, upstream: FakeUpstream, account: Account
) -> None:
    """After a message into it the ledger knows who is there."""
    upstream.mailbox = [Conversation(CONVERSATION, (OWNER, OTHER))]
    found = await find(services, conversation=CONVERSATION)
    assert found == Destination(account.id, BASTIEN.profile_urn, CONVERSATION)
    request = replace(a_request(recipient=BASTIEN.profile_urn), group_id=None, conversation_urn=CONVERSATION)
    await services.sender.send(request, CallerConnection())
    assert await find(services, conversation=CONVERSATION) == found
    assert upstream.asked_conversations == [CONVERSATION]


async def test_a_conversation_and_a_person_must_belong_together(services: Services, upstream: FakeUpstream) -> None:
    """Another person than the one on the other side is rejected, under the name of the field."""
    upstream.mailbox = [Conversation(CONVERSATION, (OWNER, OTHER))]
    assert isinstance(await find(services, conversation=CONVERSATION, person=BASTIEN.profile_urn), Destination)
    with pytest.raises(InvalidField, match=r"^recipientProfileId must be the person on the other side"):
        await find(services, conversation=CONVERSATION, person=RECIPIENT, person_field="recipientProfileId")


@pytest.mark.parametrize(
    ("conversation", "text"),
    [
        (Conversation(CONVERSATION, (OWNER, OTHER, Participant(RECIPIENT))), "must be a conversation with one person"),
        (Conversation(CONVERSATION, (OWNER, OTHER), is_group_chat=True), "must be a conversation with one person"),
        (Conversation(CONVERSATION, (OWNER, Participant(None))), "must be a conversation with one person"),
        (Conversation(CONVERSATION, (OWNER,)), "must be a conversation with one person"),
        (Conversation(THREAD.replace("NWExZQ", "another")), "LinkedIn has none of this name there"),
    ],
    ids=["several", "group chat", "organization", "alone", "absent"],
)
async def test_a_conversation_without_one_person_is_rejected(
    services: Services, upstream: FakeUpstream, conversation: Conversation, text: str
) -> None:
    """The error names the field and says what it must be."""
    upstream.mailbox = [conversation]
    with pytest.raises(InvalidField, match=f"^conversationUrn .*{text}"):
        await find(services, conversation=CONVERSATION)


async def test_a_conversation_of_another_mailbox_is_rejected(services: Services, upstream: FakeUpstream) -> None:
    """LinkedIn is not asked about it."""
    with pytest.raises(InvalidField, match="must be in the mailbox of the account that sends"):
        await find(services, conversation=ELSEWHERE)
    assert upstream.asked_conversations == []


async def test_a_conversation_that_cannot_be_read_is_reported(
    services: Services, upstream: FakeUpstream, account: Account
) -> None:
    """LinkedIn's objection holds the account, and then it is not asked again."""
    upstream.next_reads = [Throttled(429, 60)]
    reading = await find(services, conversation=CONVERSATION)
    assert isinstance(reading, Reading)
    assert (reading.result, reading.hold_until) == (Throttled(429, 60), NOON + timedelta(seconds=60))
    with pytest.raises(AccountHeld):
        await find(services, conversation=CONVERSATION)
    await services.accounts.update("default", account.id, enabled=False)
    with pytest.raises(AccountDisabled):
        await find(services, conversation=CONVERSATION)


async def test_an_unknown_account_is_not_found(services: Services, account: Account) -> None:
    """An id that is no account's is NotFound; a workspace without accounts has no session."""
    with pytest.raises(NotFound, match="no such account"):
        await services.conversations.find("default", "0" * 24, conversation=None, person=RECIPIENT)
    with pytest.raises(NoSession):
        await services.conversations.find("another", None, conversation=None, person=RECIPIENT)
    assert (await services.accounts.connect("default", BROWSER)).id == account.id
