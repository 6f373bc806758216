"""A message without a group, into a conversation, has all the guarantees of a send, and no first contact."""

from datetime import timedelta
from typing import Any

import pytest

from confrere.domain.errors import KeyReused, QuotaUsedUp, TooFast
from confrere.domain.limits import Action
from confrere.domain.opt_out import OptOut
from confrere.domain.outcome import Accepted, Outcome, OutcomeName
from confrere.domain.pacing import Pacing
from confrere.domain.reservation import Claim, InFlightElsewhere, OptedOut, Repeats, Reserved
from confrere.domain.send import SendFilter
from confrere.domain.urns import ConversationUrn
from confrere.store import SqlStore
from tests.contract.store.scene import ACCEPTED, EVERY_OUTCOME, NOT_SENT, TEXT, UNKNOWN, Scene, repeats

CONVERSATION = ConversationUrn("urn:li:msg_conversation:(urn:li:fsd_profile:ACoAA0001,2-NWExZQ==)")
PLAIN: dict[str, Any] = {"group_id": None, "conversation_urn": CONVERSATION}


async def first_contacts(scene: Scene) -> int:
    """The first contacts of the month."""
    return (await scene.quota(Action.GROUP_FIRST_CONTACT)).used


@pytest.mark.parametrize("outcome", EVERY_OUTCOME, ids=lambda outcome: outcome.name)
async def test_truth_a_plain_message_keeps_the_conversation_that_it_was_meant_for(
    scene: Scene, outcome: Outcome
) -> None:
    """Its row has no group, and from the start the conversation, whatever the outcome; units follow the outcome."""
    claim = await scene.reserve(**PLAIN)
    before = await scene.row(claim)
    assert (before.group_id, before.conversation_urn, before.outcome) == (None, CONVERSATION, OutcomeName.IN_FLIGHT)
    assert await scene.store.read_text("default", claim.send_id) == TEXT
    assert await scene.used() == 1
    await scene.settle(claim, outcome)
    row = await scene.row(claim)
    named = outcome.conversation_urn if isinstance(outcome, Accepted) else CONVERSATION
    assert (row.group_id, row.conversation_urn, row.outcome) == (None, named, outcome.name)
    assert await scene.used() == int(outcome in (ACCEPTED, UNKNOWN))
    assert await first_contacts(scene) == 0


async def test_truth_an_accepted_message_without_linkedin_s_names_keeps_its_conversation(scene: Scene) -> None:
    """Where LinkedIn's answer lacks the conversation, the one that was asked for stays; a group's message has none."""
    plain = await scene.send(Accepted(None, None), **PLAIN)
    assert (await scene.row(plain)).conversation_urn == CONVERSATION
    of_group = await scene.send(Accepted(None, None))
    assert (await scene.row(of_group)).conversation_urn is None


async def test_truth_a_late_witness_takes_the_unit_again(scene: Scene) -> None:
    """A plain message that turns out to be sent spends its unit after all, and is no first contact."""
    claim = await scene.send(NOT_SENT, **PLAIN)
    await scene.settle(claim, ACCEPTED)
    assert ((await scene.row(claim)).outcome, await scene.used()) == (OutcomeName.ACCEPTED, 1)
    assert await first_contacts(scene) == 0


async def test_quota_a_plain_message_is_no_first_contact_and_leaves_none(scene: Scene) -> None:
    """It is not counted; nor is the group's message after it, which goes into the conversation that there is."""
    await scene.send(ACCEPTED, **PLAIN)
    assert await first_contacts(scene) == 0
    await scene.send(ACCEPTED)
    assert await first_contacts(scene) == 0
    await scene.send(ACCEPTED, recipient="urn:li:fsd_profile:ACoAAanother")
    await scene.send(ACCEPTED, recipient="urn:li:fsd_profile:ACoAAanother", **PLAIN)
    assert await first_contacts(scene) == 1


async def test_quota_plain_messages_share_the_day(scene: Scene) -> None:
    """Group and plain messages take units of one day: the limit lets that many through together."""
    await scene.connect(daily_limit=2)
    await scene.send(ACCEPTED)
    await scene.send(ACCEPTED, **PLAIN)
    with pytest.raises(QuotaUsedUp):
        await scene.store.reserve(scene.to_another(**PLAIN))


async def test_pacing_applies_but_for_the_rule_about_first_contacts(scene: Scene) -> None:
    """A gap keeps a plain message waiting; a month without first contacts does not."""
    assert scene.account is not None
    await scene.store.change_pacing(
        "default",
        scene.account.id,
        lambda _: Pacing(first_contacts_per_month=1, min_gap=timedelta(minutes=1)),
        scene.now,
    )
    await scene.send(ACCEPTED)
    with pytest.raises(TooFast) as refusal:
        await scene.store.reserve(scene.to_another(**PLAIN))
    assert refusal.value.limit_name == "MIN_GAP"
    scene.later(minutes=2)
    with pytest.raises(TooFast) as refusal:
        await scene.store.reserve(scene.to_another())
    assert refusal.value.limit_name == "GROUP_FIRST_CONTACT"
    await scene.reserve(scene.to_another(**PLAIN))


async def test_opted_out_people_get_no_plain_message(scene: Scene) -> None:
    """The row says refused, takes no unit, and has the conversation."""
    claim = scene.claim(**PLAIN)
    await scene.store.add_opt_outs("default", [OptOut(claim.request.recipient, None, "api", scene.now)])
    assert isinstance(await scene.store.reserve(claim), OptedOut)
    row = await scene.row(claim)
    assert (row.outcome, row.group_id, row.conversation_urn) == (OutcomeName.REFUSED, None, CONVERSATION)
    assert await scene.used() == 0


async def test_once_a_plain_message_and_a_group_s_are_different_requests(scene: Scene) -> None:
    """The same words to the same person are not joined to each other, and do not share a key."""
    await scene.send(UNKNOWN)
    await scene.send(UNKNOWN, **PLAIN)
    of_group = await scene.send(ACCEPTED, idempotency_key="of the group")
    plain = await scene.send(ACCEPTED, idempotency_key="plain", **PLAIN)
    for key, changes in (("of the group", PLAIN), ("plain", {})):
        with pytest.raises(KeyReused):
            await scene.store.reserve(scene.claim(idempotency_key=key, **changes))
    repeats(await scene.store.reserve(scene.claim(idempotency_key="of the group")), of_group, keyed=True)
    repeats(await scene.store.reserve(scene.claim(idempotency_key="plain", **PLAIN)), plain, keyed=True)


@pytest.mark.parametrize("key", [None, "a-key"])
async def test_once_the_conversation_does_not_tell_requests_apart(scene: Scene, key: str | None) -> None:
    """A message that began a conversation is joined by its repeat that names the conversation."""
    first = await scene.send(UNKNOWN, group_id=None, idempotency_key=key)
    assert (await scene.row(first)).conversation_urn is None
    repeats(await scene.store.reserve(scene.claim(idempotency_key=key, **PLAIN)), first, keyed=key is not None)


async def test_once_over_two_processes(scene: Scene, other: SqlStore) -> None:
    """A repeat at another process waits for the first send, and joins it when its outcome is unknown."""
    first = await scene.reserve(**PLAIN)
    assert isinstance(await other.reserve(scene.claim(**PLAIN)), InFlightElsewhere)
    await scene.settle(first, UNKNOWN)
    assert isinstance(await other.reserve(scene.claim(**PLAIN)), Repeats)
    assert await scene.used() == 1


async def test_the_recipient_of_a_conversation_is_known_from_plain_messages(scene: Scene) -> None:
    """The ledger knows to whom an account's plain messages into a conversation went, from their reservation on."""
    assert scene.account is not None
    another = await scene.connect(2)
    assert await scene.store.find_recipient(scene.account.id, CONVERSATION) is None
    claim = await scene.reserve(**PLAIN)
    assert await scene.store.find_recipient(scene.account.id, CONVERSATION) == claim.request.recipient
    assert await scene.store.find_recipient(another.id, CONVERSATION) is None
    await scene.send(ACCEPTED)
    assert ACCEPTED.conversation_urn is not None
    assert await scene.store.find_recipient(scene.account.id, ACCEPTED.conversation_urn) is None


async def test_plain_messages_are_listed_among_all_others(scene: Scene) -> None:
    """Lists show them without a group; a filter by group leaves them out."""
    assert scene.account is not None
    of_group, plain = await scene.send(ACCEPTED), await scene.send(ACCEPTED, **PLAIN)

    async def listed(**which: str) -> list[str]:
        assert scene.account is not None
        sends = await scene.store.list_sends(scene.account.id, SendFilter(**which), before_id=None, count=9)  # type: ignore[arg-type]
        return [send.id for send in sends]

    assert await listed() == [plain.send_id, of_group.send_id]
    assert await listed(group_id="42") == [of_group.send_id]
    assert (await scene.store.read_history("default", plain.send_id))[0].group_id is None


async def test_a_dead_process_s_plain_message_is_searched_for(scene: Scene, other: SqlStore) -> None:
    """When the process that reserved it is gone, another finds the row, with the conversation to read."""
    claim: Claim = scene.claim(**PLAIN)
    assert isinstance(await other.reserve(claim), Reserved)
    await other.close()
    scene.later(minutes=5)
    [found] = await scene.store.claim_unknown(scene.now, count=9)
    assert (found.id, found.outcome, found.conversation_urn) == (claim.send_id, OutcomeName.UNKNOWN, CONVERSATION)
