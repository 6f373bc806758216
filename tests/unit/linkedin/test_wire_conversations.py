"""LinkedIn's JSON for mailboxes and threads."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import (
    ContentKind,
    Conversation,
    MailboxChanges,
    MailboxPage,
    Participant,
    ThreadMessage,
)
from confrere.domain.urns import ProfileUrn
from confrere.linkedin.wire.conversations import (
    decode_mailbox_changes,
    decode_mailbox_page,
    decode_thread,
    encode_seen,
)
from confrere.sandbox.views import normalize

FIELD = "messengerConversationsBySyncToken"
OWN, OTHER = ProfileUrn("urn:li:fsd_profile:ACoAAOwn"), ProfileUrn("urn:li:fsd_profile:ACoAAOther")
THREAD = f"urn:li:msg_conversation:({OWN},2-x)"
URN = f"urn:li:msg_message:({OWN},2-m)"
NOT_UNDERSTOOD = Unreadable("LinkedIn's answer could not be understood")
BASTIEN = Participant(OTHER, "Bastien", "Exemple", "Invented headline", "https://media.example/a/100")

PERSON = {
    "_type": "com.linkedin.messenger.MessagingParticipant",
    "entityUrn": f"urn:li:msg_messagingParticipant:{OTHER}",
    "hostIdentityUrn": OTHER,
    "participantType": {
        "member": {
            "firstName": {"text": "Bastien", "attributes": []},
            "lastName": {"text": "Exemple", "attributes": []},
            "headline": {"text": "Invented headline", "attributes": []},
            "profilePicture": {
                "rootUrl": "https://media.example/a/",
                "artifacts": [{"width": 100, "fileIdentifyingUrlPathSegment": "100"}],
            },
        },
        "organization": None,
    },
}
MESSAGE: dict[str, Any] = {
    "_type": "com.linkedin.messenger.Message",
    "entityUrn": URN,
    "body": {"text": "Gladly\nanswered", "attributes": []},
    "deliveredAt": 1_790_000_000_123,
    "sender": PERSON,
    "messageBodyRenderFormat": "DEFAULT",
    "renderContent": [],
}
CONVERSATION: dict[str, Any] = {
    "_type": "com.linkedin.messenger.Conversation",
    "entityUrn": THREAD,
    "categories": ["INBOX", None, "PRIMARY_INBOX"],
    "groupChat": False,
    "state": "PENDING",
    "conversationParticipants": [{"hostIdentityUrn": OWN}, None, PERSON],
    "lastActivityAt": 1_790_000_000_123,
    "unreadCount": 2,
    "messages": {"elements": [None, MESSAGE]},
}
SEEN = ThreadMessage(URN, BASTIEN, "Gladly\nanswered", (), 1_790_000_000_123)
LISTED = Conversation(
    urn=THREAD,
    participants=(Participant(OWN), BASTIEN),
    last_activity_at_ms=1_790_000_000_123,
    unread_count=2,
    state="PENDING",
    categories=("INBOX", "PRIMARY_INBOX"),
    last_message=SEEN,
)


def answer(elements: Any, **beside: Any) -> dict[str, Any]:
    """Make a query's answer in the plain form."""
    return {"data": {FIELD: {"elements": elements, **beside}}}


def encoded(value: Any) -> bytes:
    """Encode as JSON."""
    return json.dumps(value).encode()


def read_message(**changes: Any) -> ThreadMessage:
    """Read one message that differs so from MESSAGE."""
    messages = decode_thread(encoded(answer([{**MESSAGE, **changes}])), FIELD)
    assert isinstance(messages, tuple)
    return messages[0]


@pytest.mark.parametrize("form", [lambda value: value, normalize])
def test_a_mailbox_is_read_in_either_form(form: Any) -> None:
    """Conversations are read with participants, last message and token, plain or normalized; a null is skipped."""
    metadata = {"newSyncToken": "token-2", "nextCursor": "cursor-2", "shouldClearCache": False}
    listed = {**CONVERSATION, "conversationParticipants": [{"hostIdentityUrn": OWN}, PERSON]}
    body = encoded(form(answer([{**listed, "messages": {"elements": [MESSAGE]}}], metadata=metadata)))
    assert decode_mailbox_changes(body, FIELD) == MailboxChanges((LISTED,), "token-2")
    assert decode_mailbox_page(body, FIELD) == MailboxPage((LISTED,), "cursor-2")
    assert decode_mailbox_page(encoded(answer([None, CONVERSATION])), FIELD) == MailboxPage((LISTED,), None)
    assert LISTED.others(OWN) == (BASTIEN,)


def test_a_void_cache_is_a_full_answer() -> None:
    """LinkedIn's sign that it did not know the token is reported."""
    body = encoded(answer([], metadata={"newSyncToken": "t", "shouldClearCache": True}))
    assert decode_mailbox_changes(body, FIELD) == MailboxChanges((), "t", is_full=True)
    assert decode_mailbox_changes(encoded(answer([], metadata=None)), FIELD) == MailboxChanges((), None)


def test_a_thread_is_read_newest_first() -> None:
    """Messages are sorted by their time; one without time or URN is skipped."""
    older = {**MESSAGE, "entityUrn": "urn:older", "deliveredAt": 5}
    broken = [{**MESSAGE, "deliveredAt": wrong} for wrong in (None, "5", True, -1, 10**30)]
    nameless = {**MESSAGE, "entityUrn": None}
    body = encoded(answer([older, None, *broken, nameless, MESSAGE]))
    messages = decode_thread(body, FIELD)
    assert isinstance(messages, tuple)
    assert [message.message_urn for message in messages] == [URN, "urn:older"]


def test_the_text_of_a_message_is_in_no_repr() -> None:
    """Texts are secret, and a repr can reach a log."""
    assert "Gladly" not in repr(LISTED) + repr(SEEN)


@pytest.mark.parametrize(
    ("item", "kinds"),
    [
        ({"vectorImage": {"rootUrl": "x"}, "file": None}, (ContentKind.IMAGE,)),
        ({"audio": {"url": "x"}}, (ContentKind.VOICE,)),
        ({"*video": "urn:li:video"}, (ContentKind.VIDEO,)),
        ({"file": {}}, (ContentKind.FILE,)),
        ({"hostUrnData": {"hostUrn": "urn:li:activity:1", "type": "FEED_UPDATE"}}, (ContentKind.SHARE,)),
        ({"hostUrnData": {"hostUrn": "urn:li:fs_inMail:1", "type": "PREMIUM_INMAIL"}}, ()),
        ({"awayMessage": {}}, (ContentKind.AUTOMATIC,)),
        ({"somethingNew": {}}, (ContentKind.OTHER,)),
        ({}, (ContentKind.OTHER,)),
        (None, ()),
    ],
)
def test_what_a_message_carries_is_named(item: Any, kinds: tuple[ContentKind, ...]) -> None:
    """Each member of `renderContent` has a kind, an unknown one `other`; a kind is named once."""
    assert read_message(renderContent=[item, item]).kinds == kinds


@pytest.mark.parametrize("body", [None, {}, {"text": ""}, {"text": None}, {"text": 5}, "text", []])
def test_a_message_without_a_text_has_none(body: Any) -> None:
    """An image alone has no text, which is None and not empty."""
    message = read_message(body=body, renderContent=[{"vectorImage": {}}])
    assert (message.text, message.kinds) == (None, (ContentKind.IMAGE,))


def test_a_recalled_and_a_system_message_are_marked() -> None:
    """The render format shows both; a system message is nobody's, even where it names a sender."""
    assert read_message(messageBodyRenderFormat="RECALLED").kinds == (ContentKind.RECALLED,)
    system = read_message(messageBodyRenderFormat="SYSTEM")
    assert (system.is_system, system.is_from(OTHER), SEEN.is_from(OTHER)) == (True, False, True)


@pytest.mark.parametrize(
    ("sender", "urn"),
    [
        ({"sender": None, "actor": PERSON}, OTHER),
        ({"sender": None, "senderUrn": f"urn:li:msg_messagingParticipant:{OTHER}"}, OTHER),
        ({"sender": None, "*sender": f"urn:li:msg_messagingParticipant:{OTHER}"}, OTHER),
        ({"sender": {"entityUrn": f"urn:li:msg_messagingParticipant:{OTHER}"}}, OTHER),
        ({"sender": {"hostIdentityUrn": "urn:li:fsd_company:1", "participantType": {"member": None}}}, None),
        ({"sender": {"hostIdentityUrn": "urn:li:fsd_profile:"}}, None),
        ({"sender": {"hostIdentityUrn": "urn:li:fsd_profile:\0x"}}, None),
        ({"sender": None}, None),
        ({"sender": "urn:unknown"}, None),
    ],
)
def test_a_sender_is_read_from_wherever_linkedin_names_it(sender: dict[str, Any], urn: str | None) -> None:
    """A missing profile leaves a message without a sender, and readable."""
    message = read_message(**sender)
    assert (message.sender.profile_urn if message.sender else None) == urn
    assert message.sender_profile_id == (urn and "ACoAAOther")


def test_control_characters_are_removed() -> None:
    """No store takes a NUL; tabs and line breaks stay."""
    assert read_message(body={"text": "a\0b\tc\nd"}).text == "ab\tc\nd"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"{}", b'{"data": {}}', b'{"data": {"x": {"elements": null}}}', b"\xff", b"[" * 9_000]
)
def test_another_answer_is_not_understood(body: bytes) -> None:
    """What holds no list is neither an empty mailbox nor an empty thread."""
    for decode in (decode_mailbox_changes, decode_mailbox_page, decode_thread):
        assert decode(body, FIELD) == NOT_UNDERSTOOD


def test_an_error_behind_a_200_is_reported() -> None:
    """GraphQL's errors are no empty mailbox."""
    body = encoded({"errors": [{}], **answer([])})
    assert decode_mailbox_page(body, FIELD) == Unreadable("LinkedIn answered the query with an error")


def test_the_patch_that_marks_as_read() -> None:
    """The whole body names the conversation and sets `read`."""
    assert encode_seen("urn:c") == b'{"entities":{"urn:c":{"patch":{"$set":{"read":true}}}}}'


KEYS = [*MESSAGE, *CONVERSATION, *PERSON, "*sender", "*elements", "metadata", "newSyncToken", "text", "member", "x"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([URN, OTHER]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)
ELEMENTS = VALUES | st.lists(
    VALUES
    | st.dictionaries(st.sampled_from(list(MESSAGE)), VALUES).map(lambda changes: {**MESSAGE, **changes})
    | st.dictionaries(st.sampled_from(list(CONVERSATION)), VALUES).map(lambda changes: {**CONVERSATION, **changes})
    | st.dictionaries(st.sampled_from(list(PERSON)), VALUES).map(
        lambda changes: {**MESSAGE, "sender": {**PERSON, **changes}}
    ),
    max_size=4,
)


@given(ELEMENTS, VALUES, VALUES)
def test_no_mailbox_is_too_much_to_read(elements: Any, metadata: Any, included: Any) -> None:
    """Whatever JSON stands where LinkedIn's does, the answer is read or Unreadable, and every text can be stored."""
    body = encoded({**answer(elements, metadata=metadata), "included": included})
    changes, page, thread = (
        decode(body, FIELD) for decode in (decode_mailbox_changes, decode_mailbox_page, decode_thread)
    )
    assert isinstance(changes, MailboxChanges | Unreadable)
    assert isinstance(page, MailboxPage | Unreadable)
    assert isinstance(thread, tuple | Unreadable)
    for message in thread if isinstance(thread, tuple) else ():
        assert "\0" not in (message.text or "") + message.message_urn
        assert 0 <= message.delivered_at_ms < 2**53
