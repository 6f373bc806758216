from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.conversation import ContentKind, Participant, ThreadMessage
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import Send
from confrere.domain.urns import ProfileUrn
from confrere.inbox import FoundReply, classify_replies

OWN, OTHER = ProfileUrn("urn:li:fsd_profile:ACoAAOwn"), ProfileUrn("urn:li:fsd_profile:ACoAAOther")
THREAD = f"urn:li:msg_conversation:({OWN},2-x)"
SENT_AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
SENT_MS = int(SENT_AT.timestamp() * 1_000)
SEND = Send(
    id="s1",
    request_id="r1",
    workspace_id="w1",
    account_id="a1",
    recipient=OTHER,
    group_id="1",
    origin_token="7b0c0f5e-52a1-4d6c-9a3e-000000000001",
    outcome=OutcomeName.ACCEPTED,
    reason=None,
    refusal=None,
    message_urn="urn:ours",
    conversation_urn=THREAD,
    window_start=SENT_AT,
    created_at=SENT_AT,
    ended_at=SENT_AT,
    settled_at=SENT_AT,
    absent_at=None,
)


def written(urn: str, after_ms: int, sender: ProfileUrn | None = OTHER, *, is_system: bool = False) -> ThreadMessage:
    """Make a message so long after the send."""
    participant = None if sender is None else Participant(sender)
    return ThreadMessage(urn, participant, "text", (), SENT_MS + after_ms, is_system=is_system)


OURS = written("urn:ours", 300, OWN)
ANSWER = written("urn:answer", 60_000)


def test_an_answer_is_a_reply_to_its_send() -> None:
    """It is found once, also where two pages overlap."""
    assert classify_replies([ANSWER, OURS, ANSWER], [SEND], THREAD) == (FoundReply(ANSWER, SEND),)


@pytest.mark.parametrize(
    "message",
    [
        written("urn:own", 60_000, OWN),
        written("urn:third", 60_000, ProfileUrn("urn:li:fsd_profile:ACoAAThird")),
        written("urn:nobody", 60_000, None),
        written("urn:system", 60_000, is_system=True),
        written("urn:before", 299),
        written("urn:long-before", -(10**9)),
    ],
)
def test_other_messages_are_no_replies(message: ThreadMessage) -> None:
    """An own message, another person's, LinkedIn's own and one from before the send are none."""
    assert classify_replies([message, OURS], [SEND], THREAD) == ()


@pytest.mark.parametrize(
    "send",
    [
        replace(SEND, conversation_urn=f"{THREAD}2"),
        *(
            replace(SEND, outcome=outcome)
            for outcome in (
                OutcomeName.REFUSED,
                OutcomeName.THROTTLED,
                OutcomeName.SESSION_DEAD,
                OutcomeName.NOT_SENT,
            )
        ),
    ],
)
def test_a_send_that_did_not_reach_this_conversation_has_no_reply(send: Send) -> None:
    """A message that nobody got, or that is in another conversation, cannot be answered here."""
    assert classify_replies([OURS, ANSWER], [send], THREAD) == ()


@pytest.mark.parametrize("outcome", [OutcomeName.UNKNOWN, OutcomeName.IN_FLIGHT])
def test_a_send_of_unknown_outcome_can_be_answered(outcome: OutcomeName) -> None:
    """Who answers counts as having replied before our own row is settled; a clock a minute ahead does not matter."""
    send = replace(SEND, outcome=outcome, message_urn=None, conversation_urn=None)
    soon, early = written("urn:soon", -59_000), written("urn:early", -61_000)
    assert classify_replies([early, soon, ANSWER], [send], THREAD) == (FoundReply(soon, send), FoundReply(ANSWER, send))


def test_each_reply_belongs_to_the_last_send_before_it() -> None:
    """A follow-up has its own replies."""
    second = replace(SEND, id="s2", message_urn="urn:ours2", created_at=SENT_AT + timedelta(hours=1))
    follow_up, later = written("urn:ours2", 3_600_500, OWN), written("urn:later", 3_700_000)
    messages = [later, follow_up, ANSWER, OURS]
    assert classify_replies(messages, [second, SEND], THREAD) == (FoundReply(ANSWER, SEND), FoundReply(later, second))


def test_a_reply_needs_no_text() -> None:
    """An image alone is an answer, and so is an absence message; their kinds are kept."""
    image = replace(ANSWER, text=None, kinds=(ContentKind.IMAGE,))
    away = replace(ANSWER, message_urn="urn:away", kinds=(ContentKind.AUTOMATIC,))
    replies = classify_replies([OURS, image, away], [SEND], THREAD)
    assert [reply.message.kinds for reply in replies] == [(ContentKind.IMAGE,), (ContentKind.AUTOMATIC,)]


MESSAGES = st.builds(
    written,
    st.sampled_from(["urn:ours", "urn:1", "urn:2", "urn:3"]),
    st.integers(-100_000, 100_000),
    st.sampled_from([OWN, OTHER, None]),
    is_system=st.booleans(),
)


@given(st.lists(MESSAGES, max_size=8, unique_by=lambda message: message.message_urn), st.randoms())
def test_the_order_of_messages_does_not_matter(messages: list[ThreadMessage], random: Random) -> None:
    """Replies come oldest first, each once, all of them the recipient's."""
    replies = classify_replies(messages, [SEND], THREAD)
    shuffled = messages * 2
    random.shuffle(shuffled)
    assert classify_replies(shuffled, [SEND], THREAD) == replies
    assert [reply.message.delivered_at_ms for reply in replies] == sorted(r.message.delivered_at_ms for r in replies)
    assert all(reply.message.is_from(OTHER) for reply in replies)
