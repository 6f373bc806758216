import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.attempt import OutgoingMessage, Unreadable
from confrere.domain.session import Member
from confrere.linkedin.wire import errors, messages
from confrere.linkedin.wire.member import decode_member

OWN = "urn:li:fsd_profile:ACoAADWk6QEB9_BEc7aoW3qNXGUG3Xb-ITksFCY"
OTHER = "urn:li:fsd_profile:ACoAADWk6QIB2xjTFB3PTfYceNpmH0Y-5Ppwn0E"
THREAD = f"urn:li:msg_conversation:({OWN},2-NWExZTAw==)"
MESSAGE = f"urn:li:msg_message:({OWN},2-MTc5MDAw==)"
TOKEN = "7b0c0f5e-52a1-4d6c-9a3e-000000000001"
CREATED = {
    "renderContentUnions": [],
    "entityUrn": MESSAGE,
    "backendUrn": "urn:li:messagingMessage:2-MTc5MDAw==",
    "conversationUrn": THREAD,
    "backendConversationUrn": "urn:li:messagingThread:2-NWExZTAw==",
    "senderUrn": f"urn:li:msg_messagingParticipant:{OWN}",
    "originToken": TOKEN,
    "body": {"attributes": [], "text": "Hello."},
    "deliveredAt": 1790000000123,
}
SEEN = messages.SeenMessage(MESSAGE, THREAD, TOKEN, f"urn:li:msg_messagingParticipant:{OWN}", 1790000000123)
NOT_UNDERSTOOD = Unreadable("LinkedIn's answer could not be understood")
QUERY_FAILED = Unreadable("LinkedIn answered the query with an error")


def test_a_message_is_written_byte_for_byte_as_the_web_client_writes_it() -> None:
    """A message equals the web client's: a new conversation, one recipient, the group as context, unchanged text."""
    message = OutgoingMessage(OWN, OTHER, "urn:li:fsd_group:98765432", 'Grüße,\n"you" 👋\u2028', TOKEN)
    assert messages.encode_message(message, "Zq3vT8mK1pXc7LwA").decode() == (
        '{"message":{"body":{"attributes":[],"text":"Grüße,\\n\\"you\\" 👋\u2028"},"renderContentUnions":[],'
        f'"originToken":"{TOKEN}"}},"mailboxUrn":"{OWN}","trackingId":"Zq3vT8mK1pXc7LwA",'
        f'"dedupeByClientGeneratedToken":false,"hostRecipientUrns":["{OTHER}"],'
        f'"messageRequestContextByRecipient":[{{"hostRecipientUrn":"{OTHER}",'
        '"contextEntityUrn":"urn:li:fsd_group:98765432"}]}'
    )


def test_a_message_without_a_group_names_its_recipient_and_no_context() -> None:
    """It equals the web client's first message to a connection."""
    message = OutgoingMessage(OWN, OTHER, None, "Hello", TOKEN)
    assert messages.encode_message(message, "Zq3vT8mK1pXc7LwA").decode() == (
        '{"message":{"body":{"attributes":[],"text":"Hello"},"renderContentUnions":[],'
        f'"originToken":"{TOKEN}"}},"mailboxUrn":"{OWN}","trackingId":"Zq3vT8mK1pXc7LwA",'
        f'"dedupeByClientGeneratedToken":false,"hostRecipientUrns":["{OTHER}"]}}'
    )


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_arrives_as_it_was_given(text: str) -> None:
    """Any text is encoded without loss."""
    body = messages.encode_message(OutgoingMessage(OWN, OTHER, "urn:li:fsd_group:1", text, TOKEN), "0" * 16)
    assert json.loads(body)["message"]["body"]["text"] == text


def test_a_tracking_id_is_16_letters_and_digits() -> None:
    """A tracking id has 16 letters and digits and is unique; anything else is answered 400."""
    ids = {messages.new_tracking_id() for _ in range(500)}
    assert len(ids) == 500
    assert all(re.fullmatch(r"[A-Za-z0-9]{16}", tracking_id) for tracking_id in ids)


@pytest.mark.parametrize(
    "answer",
    [
        {"value": CREATED},
        {"value": {**CREATED, "new": {"key": [1]}, "body": None}, "more": 1},
        {"data": {"value": CREATED}, "included": []},
        {"data": {"*value": MESSAGE}, "included": [{"entityUrn": "urn:li:x:1"}, {"$type": "x"}, CREATED]},
        {"value": {**CREATED, "senderUrn": None, "sender": {"entityUrn": SEEN.sender}}},
        {"value": {**CREATED, "conversationUrn": None, "conversation": {"entityUrn": THREAD}}},
    ],
)
def test_a_created_message_is_read_in_every_form(answer: dict[str, Any]) -> None:
    """A created message is read plain or normalized, with more or fewer fields than were seen."""
    assert messages.decode_created(json.dumps(answer).encode()) == SEEN


def test_a_created_message_may_lack_nearly_everything() -> None:
    """A created message needs its URN only."""
    bare = messages.SeenMessage(MESSAGE, None, None, None, None)
    assert messages.decode_created(json.dumps({"value": {"entityUrn": MESSAGE, "originToken": None}}).encode()) == bare


UNREADABLE_BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"1",
    b"{}",
    b"\xff\xfe",
    b'{"value":"\xff"}',
    b"<!DOCTYPE html><html></html>",
    b'{"value":null}',
    b'{"value":{}}',
    b'{"value":[]}',
    b'{"value":{"entityUrn":1}}',
    b'{"value":{"entityUrn":null,"body":{"text":"x"}}}',
    b'{"data":{"status":403}}',
    b'{"data":{"*value":"urn:li:x:1"},"included":[]}',
    json.dumps({"value": CREATED}).encode()[:-1],
    b"[" * 200_000,
    b'{"x":' * 200_000,
    b'{"value":' * 200_000,
]


@pytest.mark.parametrize("body", UNREADABLE_BODIES, ids=range(len(UNREADABLE_BODIES)))
def test_what_names_no_message_is_none(body: bytes) -> None:
    """A body that is truncated, nested too deeply or of another shape names no message, and never raises."""
    assert messages.decode_created(body) is None


@given(st.binary())
def test_no_bytes_raise(body: bytes) -> None:
    """Any bytes are decoded without an exception."""
    messages.decode_created(body)
    errors.decode_error(body)
    decode_member(body)
    messages.decode_messages(body, "field")
    messages.decode_conversations(body, "field")


LOOKED_FOR = (
    *("data", "field", "elements", "*elements", "included", "errors", "value", "*value", "entityUrn", "code"),
    *("message", "messages", "sender", "miniProfile", "*miniProfile", "picture", "deliveredAt"),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(LOOKED_FOR),
            inner,
        )
    ),
)


@given(json_values)
def test_no_json_raises(value: Any) -> None:
    """Any arrangement of the known names is decoded without an exception."""
    test_no_bytes_raise.hypothesis.inner_test(json.dumps(value).encode())  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            {"status": 403, "code": "UNAUTHORIZED_VIEWER", "message": "No"},
            errors.ErrorDetail("UNAUTHORIZED_VIEWER", "No", about_recipient=True),
        ),
        (
            {"data": {"status": 422, "code": "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY"}, "included": []},
            errors.ErrorDetail("NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY", None, about_recipient=True),
        ),
        (
            {
                "exceptionClass": "com.linkedin.voyager.common.VoyagerUserVisibleException",
                "message": "This profile can't be accessed",
                "status": 403,
            },
            errors.ErrorDetail(None, "This profile can't be accessed", about_recipient=True),
        ),
        (
            {"data": {"exceptionClass": "x.VoyagerUserVisibleException"}},
            errors.ErrorDetail(None, None, about_recipient=True),
        ),
        ({"code": "SOMETHING_NEW"}, errors.ErrorDetail("SOMETHING_NEW", None, about_recipient=False)),
        ({"code": 7, "message": {"text": "x"}}, errors.ErrorDetail("7", None, about_recipient=False)),
        ({"code": True, "message": "x" * 2_000}, errors.ErrorDetail(None, "x" * 1_000, about_recipient=False)),
        ({"data": None, "code": None}, errors.ErrorDetail(None, None, about_recipient=False)),
        ([], errors.ErrorDetail(None, None, about_recipient=False)),
        ("CSRF", errors.ErrorDetail(None, None, about_recipient=False)),
    ],
)
def test_an_error_s_own_words_are_read_flat_or_under_data(body: Any, detail: errors.ErrorDetail) -> None:
    """An error's code and message are read at both places if they are texts, and truncated."""
    assert errors.decode_error(json.dumps(body).encode()) == detail


# ---- queries ----------------------------------------------------------------------------------------------------

INBOUND = {
    "entityUrn": "urn:li:msg_message:(x,2)",
    "conversation": {"entityUrn": THREAD},
    "sender": {"hostIdentityUrn": OTHER, "entityUrn": f"urn:li:msg_messagingParticipant:{OTHER}"},
    "originToken": None,
    "deliveredAt": 1790000000000,
}


def _graph(value: Any, field: str = "field") -> bytes:
    return json.dumps({"data": {field: value}}).encode()


def test_messages_are_read_plain() -> None:
    """Plain messages are read, own ones with their token and others' without."""
    assert messages.decode_messages(_graph({"elements": [CREATED, INBOUND], "metadata": {}}), "field") == (
        SEEN,
        messages.SeenMessage("urn:li:msg_message:(x,2)", THREAD, None, OTHER, 1790000000000),
    )


def test_messages_are_read_normalized() -> None:
    """In the normalized form references are resolved in order."""
    normalized = {
        "data": {"data": {"field": {"*elements": ["urn:2", MESSAGE]}}},
        "included": [
            {"$type": "p"},
            CREATED,
            {"entityUrn": "urn:2", "*sender": f"urn:p:{OTHER}", "*conversation": THREAD},
        ],
    }
    assert messages.decode_messages(json.dumps(normalized).encode(), "field") == (
        messages.SeenMessage("urn:2", THREAD, None, f"urn:p:{OTHER}", None),
        SEEN,
    )


def test_who_wrote_a_message_is_known_in_every_form() -> None:
    """The sender is recognised by the person's URN, or by a participant's URN that ends with it."""
    assert SEEN.is_from(OWN)
    assert not SEEN.is_from(OTHER)
    assert not messages.SeenMessage(None, None, None, None, None).is_from(OWN)


def test_conversations_are_read_with_their_last_message() -> None:
    """Conversations are read with their last message, which may be missing or null."""
    elements = [
        {"entityUrn": THREAD, "messages": {"elements": [CREATED, None]}},
        {"entityUrn": "urn:2", "messages": {"elements": None}},
        {"entityUrn": "urn:3", "messages": None},
        {"entityUrn": "urn:4"},
    ]
    assert messages.decode_conversations(_graph({"elements": elements}), "field") == (
        messages.SeenConversation(THREAD, (SEEN,)),
        messages.SeenConversation("urn:2", ()),
        messages.SeenConversation("urn:3", ()),
        messages.SeenConversation("urn:4", ()),
    )


def test_only_an_empty_list_is_none_found() -> None:
    """Only an empty list means that there is no conversation."""
    assert messages.decode_conversations(_graph({"elements": []}), "field") == ()
    assert messages.decode_conversations(_graph({"*elements": []}), "field") == ()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", NOT_UNDERSTOOD),
        (b"<html>", NOT_UNDERSTOOD),
        (b"{}", NOT_UNDERSTOOD),
        (b'{"data":null}', NOT_UNDERSTOOD),
        (b'{"data":{}}', NOT_UNDERSTOOD),
        (_graph(None), NOT_UNDERSTOOD),
        (_graph({}), NOT_UNDERSTOOD),
        (_graph({"elements": None}), NOT_UNDERSTOOD),
        (_graph({"elements": [None]}), NOT_UNDERSTOOD),
        (_graph({"elements": [{"messages": None}]}), NOT_UNDERSTOOD),
        (_graph({"*elements": ["urn:missing"]}), NOT_UNDERSTOOD),
        (_graph({"elements": []}, "another"), NOT_UNDERSTOOD),
        (b'{"errors":[{"message":"x"}],"data":null}', QUERY_FAILED),
        (b'{"errors":[{"message":"x"}],"data":{"field":{"elements":[]}}}', QUERY_FAILED),
        (b'{"data":{"errors":[{"message":"x"}],"data":null},"included":[]}', QUERY_FAILED),
        (b'{"data":{"errors":[{}],"data":{"field":{"elements":[]}}},"included":[]}', QUERY_FAILED),
        (b'{"data":{"errors":[{}],"field":{"elements":[]}}}', QUERY_FAILED),
    ],
)
def test_an_answer_that_is_not_whole_is_unreadable(body: bytes, why: Unreadable) -> None:
    """An incomplete answer is unreadable, since an empty list would mean that the message is absent."""
    assert messages.decode_conversations(body, "field") == why


def test_empty_errors_are_none() -> None:
    """An empty list of errors counts as no error."""
    assert messages.decode_messages(b'{"errors":[ ],"data":{"errors":null,"field":{"elements":[]}}}', "field") == ()


# ---- /me --------------------------------------------------------------------------------------------------------

PROFILE = {
    "firstName": "Odile",
    "lastName": "Sample",
    "publicIdentifier": "odile-sample-0001",
    "objectUrn": "urn:li:member:900000001",
    "entityUrn": OWN.replace("fsd_profile", "fs_miniProfile"),
    "dashEntityUrn": OWN,
}
PICTURE = {
    "rootUrl": "https://media.example/p_",
    "artifacts": [
        {"width": 100, "fileIdentifyingUrlPathSegment": "100"},
        {"width": 400, "fileIdentifyingUrlPathSegment": "400"},
        {"width": 200, "fileIdentifyingUrlPathSegment": "200"},
    ],
}
ODILE = Member(OWN, "Odile", "Sample", "odile-sample-0001", None, premium=False)


@pytest.mark.parametrize(
    ("answer", "member"),
    [
        ({"plainId": 1, "premiumSubscriber": False, "miniProfile": PROFILE}, ODILE),
        ({"premiumSubscriber": False, "miniProfile": {**PROFILE, "dashEntityUrn": None}}, ODILE),
        (
            {
                "data": {"premiumSubscriber": False, "*miniProfile": PROFILE["entityUrn"]},
                "included": [
                    {
                        "$type": "com.linkedin.voyager.identity.shared.MiniProfile",
                        "entityUrn": "urn:li:fs_miniProfile:x",
                    },
                    {"$type": "com.linkedin.voyager.identity.shared.MiniProfile", **PROFILE},
                    {"$type": "com.linkedin.voyager.common.Me", "entityUrn": "urn:li:me"},
                ],
            },
            ODILE,
        ),
        ({"data": {"premiumSubscriber": False}, "included": [{"$type": "x.MiniProfile", **PROFILE}]}, ODILE),
        ({"miniProfile": {"entityUrn": OWN}}, Member(OWN, "", "", "", None, None)),
        (
            {
                "premiumSubscriber": True,
                "miniProfile": {**PROFILE, "picture": {"com.linkedin.common.VectorImage": PICTURE}},
            },
            Member(OWN, "Odile", "Sample", "odile-sample-0001", "https://media.example/p_400", premium=True),
        ),
        (
            {"premiumSubscriber": False, "miniProfile": {**PROFILE, "picture": {**PICTURE, "artifacts": []}}},
            ODILE,
        ),
    ],
)
def test_a_member_is_read_plain_or_normalized(answer: dict[str, Any], member: Member) -> None:
    """A member is read plain or normalized, with the profile URN of the sender."""
    assert decode_member(json.dumps(answer).encode()) == member


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"<html>",
        b'{"miniProfile":{}}',
        b'{"miniProfile":{"entityUrn":"urn:"}}',
        b'{"data":{"status":401},"included":[]}',
    ],
)
def test_no_member_is_unreadable(body: bytes) -> None:
    """A `/me` without an identifiable member is unreadable, so that no account is connected with it."""
    assert decode_member(body) == NOT_UNDERSTOOD
