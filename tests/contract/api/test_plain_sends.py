"""Messages into conversations: whole bodies, bad input, errors, and the guarantees of every send over HTTP."""

from typing import Any

import aiohttp
import pytest

from confrere.domain.attempt import Found, Unreadable
from confrere.domain.conversation import Conversation, Participant
from confrere.domain.keys import Scope
from confrere.domain.outcome import NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.domain.urns import ProfileUrn
from tests.contract.api.conftest import RECIPIENT, Api
from tests.contract.api.shape import assert_answer, read_shaped
from tests.fakes.upstream import BASTIEN, ODILE, THREAD

PATH = "/linkedin/conversations/send"
TEXT = "Glad to hear from you"
MISSING = "message, and conversationUrn, recipientProfileUrn or recipientProfileId are required"
NO_CREDENTIALS = {"error": "Failed to get LinkedIn authentication credentials", "success": False}
OTHERS_THREAD = f"urn:li:msg_conversation:({BASTIEN.profile_urn},2-NWExZQ==)"
NOT_REACHABLE = (
    "Error sending message: Request failed with status code 422: LinkedIn takes no message to this person from this "
    "account; it lets an account begin conversations with its connections only. POST /linkedin/messaging/send-group "
    "writes to somebody who is in a group with the account"
)
ONE_CHANNEL = 'messagingChannel must be absent or "linkedin": messages of Sales Navigator and Recruiter cannot be sent'
ANOTHER_MAILBOX = (
    "conversationUrn must be in the mailbox of the account that sends; give the accountId of the account in whose list "
    "it is"
)
PERSON_FORM = (
    "recipientProfileId must be the address of a profile (https://www.linkedin.com/in/<name>), the name in it, "
    "urn:li:fsd_profile:<id> or a bare ACoAA… profile id"
)
GROUP_CHAT = (
    "conversationUrn must be a conversation with one person; a message to a group chat or an organization cannot "
    "be sent"
)


async def post(api: Api, key: str | None = None, **fields: Any) -> aiohttp.ClientResponse:
    """Send a text to the recipient, with the test's changes to the fields."""
    body = {"recipientProfileUrn": RECIPIENT, "message": TEXT, **fields}
    return await api.http.post(PATH, json=body, headers={"Idempotency-Key": key} if key else {})


def sent(message_urn: str, conversation_urn: str = THREAD, recipient: str = RECIPIENT) -> dict[str, object]:
    """The body of a 200."""
    return {
        "success": True,
        "message": "Message sent successfully",
        "recipientProfileUrn": recipient,
        "sentMessage": {"messageUrn": message_urn, "conversationUrn": conversation_urn},
    }


def refused(status: int, text: str, code: str | None, why: str | None = None) -> dict[str, object]:
    """The body of a 403."""
    return {
        "success": False,
        "message": why or f"Error sending message: Request failed with status code {status}",
        "recipientProfileUrn": RECIPIENT,
        "errorDetails": {"status": status, "statusText": text, "data": {"code": code, "message": None}},
    }


async def used(api: Api) -> int:
    """The units of the day."""
    return (await api.services.accounts.read_quotas("default", None))[1][0].used


def with_bastien(api: Api) -> None:
    """Have a conversation with Bastien in the mailbox."""
    owner, other = Participant(ProfileUrn(ODILE.profile_urn)), Participant(BASTIEN.profile_urn)
    api.upstream.mailbox = [Conversation(THREAD, (owner, other))]


# ---- accepted ---------------------------------------------------------------------------------------------------


async def test_a_message_into_a_conversation(api: Api) -> None:
    """A named conversation is written to, and the answer names who is on its other side."""
    with_bastien(api)
    response = await post(api, conversationUrn=THREAD, recipientProfileUrn=None)
    [reply] = api.upstream.replies
    await assert_answer(response, 200, sent(f"urn:message:{reply.origin_token}"))
    assert (reply.conversation_urn, reply.text) == (THREAD, TEXT)
    assert response.headers["X-RateLimit-Action"] == "MESSAGE"
    assert response.headers["X-RateLimit-Used"] == "1"


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"recipientProfileUrn": RECIPIENT.rpartition(":")[2]},
        {"recipientProfileUrn": None, "recipientProfileId": RECIPIENT},
        {"recipientProfileUrn": "", "recipientProfileId": " bastien-exemple "},
        {"recipientProfileUrn": None, "recipientProfileId": "https://www.linkedin.com/in/bastien-exemple/"},
        {"conversationUrn": "", "subject": "", "attachments": [], "messagingChannel": "LinkedIn"},
        {"conversationUrn": None, "subject": None, "attachments": None, "messagingChannel": None, "unknown": 1},
    ],
)
async def test_a_message_to_a_person(api: Api, named: dict[str, Any]) -> None:
    """The conversation with the person is looked for, in whatever form they are named."""
    api.upstream.conversation = THREAD
    response = await post(api, **named)
    [reply] = api.upstream.replies
    await assert_answer(response, 200, sent(f"urn:message:{reply.origin_token}"))


async def test_a_message_to_a_person_without_a_conversation(api: Api) -> None:
    """It is sent to the person, without a group, and LinkedIn names the conversation that it began."""
    response = await post(api)
    [message] = api.upstream.seen
    assert (message.recipient_urn, message.group_urn) == (RECIPIENT, None)
    await assert_answer(response, 200, sent(f"urn:message:{message.origin_token}", "urn:thread"))


async def test_a_sent_message_is_shown_wherever_sends_are(api: Api) -> None:
    """Its group is null in every list, in the one send, and in exports."""
    await post(api)
    [item] = (await read_shaped(await api.http.get(f"/linkedin/account/{api.account.id}/sends")))["sends"]
    assert (item["groupId"], item["outcome"], item["conversationUrn"]) == (None, "accepted", "urn:thread")
    one = await read_shaped(await api.http.get(f"/linkedin/sends/{item['id']}"))
    assert (one["send"]["groupId"], one["send"]["message"]) == (None, TEXT)
    [listed] = (await (await api.http.get("/v1/sends")).json())["items"]
    assert (listed["id"], listed["groupId"]) == (item["id"], None)
    assert (await (await api.http.get(f"/v1/sends/{item['id']}")).json())["groupId"] is None
    table = await (await api.http.get("/v1/sends/export?format=csv")).text()
    assert f"{RECIPIENT},,accepted," in table
    lines = await (await api.http.get("/v1/sends/export?format=jsonl")).text()
    assert '"groupId":null' in lines


# ---- repeats ----------------------------------------------------------------------------------------------------


async def test_a_key_gets_its_first_answer_again(api: Api) -> None:
    """Marked as replayed, byte for byte, and without a request to LinkedIn although the session is dead."""
    with_bastien(api)
    first = await post(api, "k1", conversationUrn=THREAD, recipientProfileUrn=None)
    api.upstream.will(SessionDead("LinkedIn asks to log in"))
    await assert_answer(await post(api, message="another"), 500, NO_CREDENTIALS)
    again = await post(api, "k1", conversationUrn=THREAD, recipientProfileUrn=None)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert await again.read() == await first.read()
    assert (len(api.upstream.replies), api.upstream.asked_conversations) == (1, [THREAD])


async def test_a_key_of_another_body_is_a_422(api: Api) -> None:
    """Also of the same words through a group."""
    await post(api, "k1")
    assert (await post(api, "k1", message="another")).status == 422
    body = {"recipientProfileUrn": RECIPIENT, "groupId": "12345678", "message": TEXT}
    answer = await api.http.post("/linkedin/messaging/send-group", json=body, headers={"Idempotency-Key": "k1"})
    assert answer.status == 422


async def test_a_repeat_of_an_unknown_send_is_joined(api: Api) -> None:
    """Without a key too: it finds the message, and sends none."""
    api.upstream.will(Unknown("LinkedIn did not answer in time"))
    failed = {"error": "Error sending message: LinkedIn did not answer in time", "success": False, "outcome": "unknown"}
    await assert_answer(await post(api), 500, failed)
    api.upstream.next_searches = [Found("urn:message:found", THREAD)]
    await assert_answer(await post(api), 200, sent("urn:message:found"))
    assert (api.upstream.seen, await used(api)) == ([], 1)


# ---- bad input --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"recipientProfileUrn": None}, MISSING),
        ({"recipientProfileUrn": " ", "recipientProfileId": "", "conversationUrn": None}, MISSING),
        ({"subject": "Hello"}, "subject must be absent: a subject belongs to an InMail, which cannot be sent"),
        ({"attachments": ["a.pdf"]}, "attachments must be absent: only texts can be sent"),
        ({"attachments": {"url": "x"}}, "attachments must be absent: only texts can be sent"),
        *(({"messagingChannel": channel}, ONE_CHANNEL) for channel in ("sales_navigator", "recruiter", 1)),
        ({"message": 1}, "message must be a string"),
        ({"message": "x" * 8001}, "message must be at most 8,000 characters long, but has 8,001"),
        (
            {"conversationUrn": "2-NWExZQ=="},
            "conversationUrn must be of the form urn:li:msg_conversation:(urn:li:fsd_profile:<id>,2-<id>)",
        ),
        ({"conversationUrn": 1}, "conversationUrn must be a string"),
        ({"conversationUrn": OTHERS_THREAD}, ANOTHER_MAILBOX),
        (
            {"conversationUrn": THREAD},
            "conversationUrn must be a conversation of the account's mailbox, but LinkedIn has none of this name there",
        ),
        ({"recipientProfileUrn": 1}, "recipientProfileUrn must be a string"),
        ({"recipientProfileUrn": None, "recipientProfileId": ["x"]}, PERSON_FORM),
        ({"accountId": "abc"}, "accountId must be 24 hexadecimal digits, the id of an account of this workspace"),
        ({"idempotencyKey": "k"}, "idempotencyKey must not be in the body: send it as the header Idempotency-Key"),
    ],
)
async def test_a_bad_body_is_a_400(api: Api, fields: dict[str, Any], error: str) -> None:
    """The error names the field and what it must be; nothing is sent."""
    await assert_answer(await post(api, **fields), 400, {"success": False, "error": error})
    assert (api.upstream.seen, api.upstream.replies, await used(api)) == ([], [], 0)


async def test_a_missing_text_is_named(api: Api) -> None:
    """As in a send through a group."""
    body = {"success": False, "error": MISSING, "missing": ["message"]}
    await assert_answer(await post(api, message=None), 400, body)


async def test_a_vanity_name_is_taken_as_an_id_only(api: Api) -> None:
    """`recipientProfileUrn` is an id in one of its forms."""
    response = await post(api, recipientProfileUrn="bastien-exemple")
    assert response.status == 400
    assert "resolve the address with POST /v1/people/resolve" in (await read_shaped(response))["error"]


async def test_a_group_chat_is_a_400(api: Api) -> None:
    """The error says that there are several people."""
    people = tuple(Participant(ProfileUrn(f"urn:li:fsd_profile:ACoAA{number}")) for number in range(3))
    api.upstream.mailbox = [Conversation(THREAD, people, is_group_chat=True)]
    response = await post(api, conversationUrn=THREAD, recipientProfileUrn=None)
    await assert_answer(response, 400, {"success": False, "error": GROUP_CHAT})


async def test_another_person_than_the_conversation_s_is_a_400(api: Api) -> None:
    """The message would go to somebody else than the caller named."""
    with_bastien(api)
    error = "recipientProfileUrn must be the person on the other side of conversationUrn, or be absent"
    response = await post(api, conversationUrn=THREAD, recipientProfileUrn="urn:li:fsd_profile:ACoAAsomebody")
    await assert_answer(response, 400, {"success": False, "error": error})


async def test_an_unknown_account_or_person_is_a_404(api: Api) -> None:
    """The error says which."""
    error = "There is no such account in this workspace"
    await assert_answer(await post(api, accountId="0" * 24), 404, {"success": False, "error": error})
    error = "LinkedIn knows no person of this name or id"
    response = await post(api, recipientProfileUrn=None, recipientProfileId="nobody")
    await assert_answer(response, 404, {"success": False, "error": error})


async def test_it_takes_the_scope_send(api: Api) -> None:
    """A key that reads, or reads conversations, sends nothing."""
    for scope in (Scope.READ, Scope.INBOX):
        _, key = await api.services.keys.create("default", name="reader", scopes=[scope])
        body = {"recipientProfileUrn": RECIPIENT, "message": TEXT}
        response = await api.http.post(PATH, json=body, headers={"Authorization": f"Bearer {key}"})
        error = "This API key lacks the scope 'send'; create one that has it"
        await assert_answer(response, 403, {"success": False, "error": error})
    assert api.upstream.seen == []


# ---- LinkedIn's answers -----------------------------------------------------------------------------------------

UNPROCESSABLE = Refused(422, "Unprocessable Entity", None, None)


@pytest.mark.parametrize(
    ("outcome", "status", "body"),
    [
        (Refused(404, "Not Found", "CODE", None), 403, refused(404, "Not Found", "CODE")),
        (UNPROCESSABLE, 403, refused(422, "Unprocessable Entity", None, NOT_REACHABLE)),
        (SessionDead("LinkedIn asks to log in"), 500, NO_CREDENTIALS),
        (
            NotSent("no connection to LinkedIn could be made"),
            500,
            {
                "error": "Error sending message: no connection to LinkedIn could be made",
                "success": False,
                "outcome": "not_sent",
            },
        ),
    ],
)
async def test_an_outcome_has_its_answer(api: Api, outcome: Outcome, status: int, body: dict[str, object]) -> None:
    """The unit is given back, and LinkedIn's own words are passed on."""
    api.upstream.will(outcome)
    await assert_answer(await post(api), status, body)
    assert await used(api) == 0


async def test_a_refusal_in_a_conversation_has_no_hint(api: Api) -> None:
    """There is a conversation, so that LinkedIn's reason is another one."""
    with_bastien(api)
    api.upstream.will(UNPROCESSABLE)
    response = await post(api, conversationUrn=THREAD, recipientProfileUrn=None)
    await assert_answer(response, 403, refused(422, "Unprocessable Entity", None))


async def test_a_person_whom_linkedin_does_not_show_is_a_403(api: Api) -> None:
    """A vanity name is read first, and LinkedIn's refusal is passed on; nothing was begun."""
    api.upstream.next_reads = [Refused(403, "Forbidden", None, "This profile can't be accessed")]
    body = {
        "success": False,
        "error": "Error sending message: Request failed with status code 403",
        "errorDetails": {
            "status": 403,
            "statusText": "Forbidden",
            "data": {"code": None, "message": "This profile can't be accessed"},
        },
    }
    await assert_answer(await post(api, recipientProfileUrn=None, recipientProfileId="bastien-exemple"), 403, body)
    assert await used(api) == 0


async def test_throttling_holds_the_account(api: Api) -> None:
    """The 429 says until when, and the next request does not reach LinkedIn."""
    api.upstream.will(Throttled(429, 600))
    first = await post(api)
    body = await read_shaped(first)
    assert (first.status, list(body)) == (429, ["error", "success", "holdUntil"])
    assert first.headers["Retry-After"] in ("599", "600")
    assert (await post(api)).status == 429
    assert api.upstream.seen == []


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        (
            Unreadable("LinkedIn did not answer in time"),
            500,
            {"error": "Error sending message: LinkedIn did not answer in time", "success": False},
        ),
        (SessionDead("LinkedIn asks to log in"), 500, NO_CREDENTIALS),
    ],
)
async def test_a_conversation_that_cannot_be_read(
    api: Api, said: Unreadable | SessionDead, status: int, body: dict[str, object]
) -> None:
    """Nothing was begun: there is no outcome, no row and no unit."""
    api.upstream.next_reads = [said]
    response = await post(api, conversationUrn=THREAD, recipientProfileUrn=None)
    await assert_answer(response, status, body)
    assert (await used(api), api.upstream.replies) == (0, [])


async def test_an_opted_out_person_is_a_403(api: Api) -> None:
    """LinkedIn is not called."""
    await api.services.do_not_contact.add("default", [ProfileUrn(RECIPIENT)], reason=None, source="test")
    response = await post(api)
    body = await read_shaped(response)
    assert (response.status, body["errorDetails"]["data"]["code"]) == (403, "RECIPIENT_OPTED_OUT")
    assert list(body) == ["success", "message", "recipientProfileUrn", "errorDetails"]
    assert api.upstream.seen == []


async def test_a_day_that_is_used_up_is_a_429(api: Api) -> None:
    """The limit is that of all messages together."""
    await api.services.accounts.update("default", api.account.id, daily_limit=1)
    assert (await api.send()).status == 200
    body: dict[str, object] = {"error": "Rate limit exceeded for MESSAGE: 1/1 used", "success": False}
    response = await post(api)
    await assert_answer(response, 429, body)
    assert int(response.headers["Retry-After"]) > 0
