"""Reading conversations and marking them as read: whole bodies, bad input, errors, and whose texts a key may read."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import ContentKind, Conversation, Participant, ThreadMessage
from confrere.domain.keys import Scope
from confrere.domain.outcome import SessionDead, Throttled
from confrere.domain.urns import ProfileUrn
from tests.contract.api.conftest import Api
from tests.contract.api.shape import assert_answer, read_shaped
from tests.fakes.upstream import BASTIEN, ODILE, THREAD

MAILBOX = "/linkedin/conversations"
MESSAGES = f"{MAILBOX}/{quote(THREAD, safe='')}/messages"
SEEN = "/linkedin/messaging/mark-seen"
OTHERS_THREAD = f"urn:li:msg_conversation:({BASTIEN.profile_urn},2-NWExZQ==)"

COUNT_FORM = "count must be a whole number from 1 to 100"
URN_FORM = "conversationUrn must be of the form urn:li:msg_conversation:(urn:li:fsd_profile:<id>,2-<id>)"
ANOTHER_MAILBOX = (
    "conversationUrn must be in the mailbox of the account that reads; give the accountId of the account in whose "
    "list it is"
)
CURSOR_FORM = "nextCursor must be the nextCursor of the page before, of the same account"
ACCOUNT_FORM = "accountId must be 24 hexadecimal digits, the id of an account of this workspace"

OWNER = Participant(ProfileUrn(ODILE.profile_urn), "Odile", "Sample", "Buyer")
OTHER = Participant(BASTIEN.profile_urn, "Bastien", "Exemple", "Head of Procurement", "https://media.example/1")
NAMELESS = Participant(None)


def written(
    number: int, sender: Participant | None = OTHER, text: str | None = "Glad to", *kinds: ContentKind
) -> ThreadMessage:
    """A message; the number orders them by time."""
    return ThreadMessage(f"urn:li:msg_message:{number}", sender, text, kinds, 1_773_478_843_000 + number)


def conversation(number: int, **more: Any) -> Conversation:
    """A conversation without messages."""
    return Conversation(f"urn:li:msg_conversation:({ODILE.profile_urn},2-{number})", **more)


def failed(error: str) -> dict[str, object]:
    """The body of a failure."""
    return {"error": error, "success": False}


def refused(error: str) -> dict[str, object]:
    """The body of an answer to bad input."""
    return {"success": False, "error": error}


@pytest.fixture
async def inbox(api: Api) -> AsyncIterator[aiohttp.ClientSession]:
    """A client whose key may read conversations, and nothing else."""
    async with client_with(api, Scope.INBOX) as http:
        yield http


def client_with(api: Api, *scopes: Scope, workspace_id: str = "default") -> "KeyedClient":
    """A client with a key of these scopes."""
    return KeyedClient(api, scopes, workspace_id)


class KeyedClient:
    """An HTTP client with a key of its own, as an async context."""

    def __init__(self, api: Api, scopes: tuple[Scope, ...], workspace_id: str) -> None:
        self._api = api
        self._scopes = scopes
        self._workspace_id = workspace_id

    async def __aenter__(self) -> aiohttp.ClientSession:
        """Create the key."""
        _, key = await self._api.services.keys.create(self._workspace_id, name="inbox", scopes=self._scopes)
        self._http = aiohttp.ClientSession(self._api.url, headers={"Authorization": f"Bearer {key}"})
        return self._http

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self._http.close()


# ---- what is read -----------------------------------------------------------------------------------------------


async def test_a_page_of_the_mailbox(api: Api, inbox: aiohttp.ClientSession) -> None:
    """A whole page has each conversation without its owner, and null where LinkedIn reports nothing."""
    last = written(128, OTHER, None, ContentKind.IMAGE)
    api.upstream.mailbox = [
        Conversation(THREAD, (OWNER, OTHER), last.delivered_at_ms, unread_count=2, last_message=last),
        Conversation(f"{THREAD[:-1]}2)", (NAMELESS,)),
    ]
    response = await inbox.get(MAILBOX)
    body: dict[str, object] = {
        "success": True,
        "conversations": [
            {
                "conversationUrn": THREAD,
                "conversationId": "2-NWExZQ==",
                "lastActivityAt": "2026-03-14T09:00:43.128Z",
                "unreadCount": 2,
                "participants": [
                    {
                        "profileId": BASTIEN.profile_urn.profile_id,
                        "name": "Bastien Exemple",
                        "headline": "Head of Procurement",
                        "profilePicture": "https://media.example/1",
                    }
                ],
                "latestMessage": {
                    "text": "",
                    "sentAt": 1_773_478_843_128,
                    "senderName": "Bastien Exemple",
                    "hasAttachment": True,
                },
                "source": "linkedin",
            },
            {
                "conversationUrn": f"{THREAD[:-1]}2)",
                "conversationId": "2-NWExZQ==2",
                "lastActivityAt": None,
                "unreadCount": 0,
                "participants": [{"profileId": None, "name": None, "headline": None}],
                "latestMessage": None,
                "source": "linkedin",
            },
        ],
        "accounts": [{"id": api.account.id, "name": "Odile Sample"}],
        "nextCursor": None,
        "hasMore": False,
        "fromCache": False,
    }
    await assert_answer(response, 200, body)
    assert response.headers["X-RateLimit-Action"] == "MESSAGE"
    assert response.headers["X-RateLimit-Limit"] == "150"


async def test_the_mailbox_is_read_page_by_page(api: Api, inbox: aiohttp.ClientSession) -> None:
    """Following nextCursor gives each conversation once; unreadOnly leaves out the others and keeps the cursor."""
    api.upstream.mailbox = [conversation(number, unread_count=number % 3) for number in range(45)]
    for query, expected in (({}, 45), ({"unreadOnly": "true"}, 30)):
        found: list[str] = []
        page: dict[str, Any] = {"nextCursor": ""}
        while page["nextCursor"] is not None:
            response = await inbox.get(MAILBOX, params={**query, "count": "10", "nextCursor": page["nextCursor"]})
            page = await read_shaped(response)
            assert page["hasMore"] is (page["nextCursor"] is not None)
            found += [each["conversationUrn"] for each in page["conversations"]]
        assert len(found) == len(set(found)) == expected


async def test_a_page_of_a_conversation(api: Api, inbox: aiohttp.ClientSession) -> None:
    """Messages come newest first, with who wrote them; LinkedIn's own are nobody's."""
    system = ThreadMessage("urn:li:msg_message:4", OWNER, "joined", (), 1_773_478_843_004, is_system=True)
    api.upstream.threads[THREAD] = [
        written(1, OWNER, "Hello"),
        written(2, OTHER, None, ContentKind.FILE, ContentKind.QUOTE),
        written(3, None, "?"),
        system,
    ]
    response = await inbox.get(MESSAGES)

    def message(number: int, text: str, profile_id: str | None, name: str | None, **more: object) -> dict[str, object]:
        fields: dict[str, object] = {
            "messageUrn": f"urn:li:msg_message:{number}",
            "text": text,
            "sentAt": 1_773_478_843_000 + number,
            "senderProfileId": profile_id,
            "senderName": name,
        }
        return {**fields, "isSentByOwner": False, "hasAttachment": False, "attachments": [], **more}

    reply: dict[str, object] = {
        "messageUrn": "urn:li:msg_message:2",
        "text": "",
        "sentAt": 1_773_478_843_002,
        "senderProfileId": BASTIEN.profile_urn.profile_id,
        "senderName": "Bastien Exemple",
        "senderPhoto": "https://media.example/1",
        "isSentByOwner": False,
        "hasAttachment": True,
        "attachments": [{"type": "file"}],
    }
    body: dict[str, object] = {
        "success": True,
        "messages": [
            message(4, "joined", "ACoAAOdile", "Odile Sample"),
            message(3, "?", None, None),
            reply,
            message(1, "Hello", "ACoAAOdile", "Odile Sample", isSentByOwner=True),
        ],
        "participants": [
            {
                "profileId": BASTIEN.profile_urn.profile_id,
                "name": "Bastien Exemple",
                "headline": "Head of Procurement",
                "profilePicture": "https://media.example/1",
            }
        ],
        "hasMore": False,
        "cursor": None,
    }
    await assert_answer(response, 200, body)


@pytest.mark.parametrize("count", [1, 7, 20, 100])
async def test_a_conversation_is_read_to_its_beginning(api: Api, inbox: aiohttp.ClientSession, count: int) -> None:
    """Following cursor gives each message once, also where several were delivered in the same millisecond."""
    numbers = [1, 2, 2, 2, *range(3, 40)]
    api.upstream.threads[THREAD] = [
        ThreadMessage(f"urn:{place}", OTHER, "x", (), number) for place, number in enumerate(numbers)
    ]
    found: list[str] = []
    query = {"count": str(count)}
    while True:
        page = await read_shaped(await inbox.get(MESSAGES, params=query))
        found += [each["messageUrn"] for each in page["messages"]]
        assert page["hasMore"] is (page["cursor"] is not None)
        if not page["hasMore"]:
            break
        query["cursor"] = page["cursor"]
    assert sorted(found) == sorted(f"urn:{place}" for place in range(len(numbers)))


async def test_only_newer_messages_can_be_read(api: Api, inbox: aiohttp.ClientSession) -> None:
    """With since a poll gets what was delivered after it, and no older page."""
    api.upstream.threads[THREAD] = [written(number) for number in range(5)]
    page = await read_shaped(await inbox.get(MESSAGES, params={"since": "1773478843002"}))
    assert [each["sentAt"] - 1_773_478_843_000 for each in page["messages"]] == [4, 3]
    assert (page["hasMore"], page["cursor"]) == (False, None)
    page = await read_shaped(await inbox.get(MESSAGES, params={"since": "1773478843002", "count": "1"}))
    assert (len(page["messages"]), page["hasMore"], page["cursor"]) == (1, True, "1773478843004")


async def test_only_mark_seen_marks_a_conversation(api: Api, inbox: aiohttp.ClientSession) -> None:
    """It answers with the conversation as it was given; reading marks nothing."""
    for path in (MAILBOX, MESSAGES):
        assert (await inbox.get(path)).status == 200
    assert api.upstream.marked_seen == []
    body = {
        "success": True,
        "accountId": api.account.id,
        "conversationUrn": f" {THREAD}",
        "message": "Conversation marked as seen successfully",
    }
    await assert_answer(await inbox.post(SEEN, json={"conversationUrn": f" {THREAD}"}), 200, body)
    assert api.upstream.marked_seen == [THREAD]


# ---- what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "error"),
    [
        (MAILBOX, {"count": "0"}, COUNT_FORM),
        (MAILBOX, {"count": "101"}, COUNT_FORM),
        (MAILBOX, {"unreadOnly": "yes"}, "unreadOnly must be true or false"),
        (MAILBOX, {"accountId": "7"}, ACCOUNT_FORM),
        (MAILBOX, {"accountId": "f" * 24}, "accountId must be an account of this workspace"),
        (MAILBOX, {"nextCursor": "20"}, CURSOR_FORM),
        (MAILBOX, {"nextCursor": "linkedin:a~é"}, CURSOR_FORM),
        (MESSAGES, {"count": "101"}, COUNT_FORM),
        (MESSAGES, {"cursor": "x"}, "cursor must be a time in milliseconds since 1970, such as 1773478844000"),
        (MESSAGES, {"since": "-1"}, "since must be a time in milliseconds since 1970, such as 1773478844000"),
        (f"{MAILBOX}/2-NWExZQ==/messages", {}, URN_FORM),
        (f"{MAILBOX}/{quote(OTHERS_THREAD)}/messages", {}, ANOTHER_MAILBOX),
    ],
)
async def test_a_bad_parameter_is_a_400(
    api: Api, inbox: aiohttp.ClientSession, path: str, query: dict[str, str], error: str
) -> None:
    """The error names the parameter and what it must be, and LinkedIn is not asked."""
    api.upstream.next_reads = [AssertionError("LinkedIn was asked")]
    await assert_answer(await inbox.get(path, params=query), 400, refused(error))


async def test_a_cursor_of_another_account_is_a_400(api: Api, inbox: aiohttp.ClientSession) -> None:
    """A changed cursor is none, either."""
    api.upstream.mailbox = [conversation(number) for number in range(3)]
    page = await read_shaped(await inbox.get(MAILBOX, params={"count": "1"}))
    changed = page["nextCursor"][::-1]
    await assert_answer(await inbox.get(MAILBOX, params={"nextCursor": changed}), 400, refused(CURSOR_FORM))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "conversationUrn is required"),
        ({"conversationUrn": " "}, "conversationUrn is required"),
        ({"conversationUrn": 7}, "conversationUrn must be a string"),
        ({"conversationUrn": "2-NWExZQ=="}, URN_FORM),
        ({"conversationUrn": f"{THREAD}\n{THREAD}"}, URN_FORM),
        ({"conversationUrn": OTHERS_THREAD}, ANOTHER_MAILBOX),
        ({"conversationUrn": THREAD, "accountId": 7}, ACCOUNT_FORM),
    ],
)
async def test_a_bad_body_is_a_400(api: Api, inbox: aiohttp.ClientSession, body: dict[str, object], error: str) -> None:
    """The error names the field and what it must be, and nothing is marked."""
    await assert_answer(await inbox.post(SEEN, json=body), 400, refused(error))
    assert api.upstream.marked_seen == []


async def test_another_account_in_the_header_is_a_400(api: Api, inbox: aiohttp.ClientSession) -> None:
    """No mailbox is read that the caller may not have meant."""
    response = await inbox.get(MAILBOX, headers={"X-Account-Id": "f" * 24})
    error = "X-Account-Id must not name another account than accountId does, or the default one; give accountId alone"
    await assert_answer(response, 400, refused(error))


READS = [(MAILBOX, "Error fetching conversations: "), (MESSAGES, "Error fetching messages: ")]


@pytest.mark.parametrize(("path", "prefix"), READS, ids=["mailbox", "messages"])
async def test_what_linkedin_objects_to_stops_the_account(
    api: Api, inbox: aiohttp.ClientSession, path: str, prefix: str
) -> None:
    """Unreadable is a 500, a throttle holds the account, and a dead session sets ERROR, as with every read."""
    api.upstream.next_reads = [Unreadable("LinkedIn answered the query with an error")]
    response = await inbox.get(path)
    await assert_answer(response, 500, failed(f"{prefix}LinkedIn answered the query with an error"))
    api.upstream.next_reads = [Throttled(999, 600)]
    for response in (await inbox.get(path), await inbox.get(path), await api.send()):
        until = (await read_shaped(response))["holdUntil"]
        error = f"Rate limit exceeded for MESSAGE: LinkedIn throttles this account until {until}"
        await assert_answer(response, 429, {**failed(error), "holdUntil": until})
        assert 590 <= int(response.headers["Retry-After"]) <= 600
    await api.services.accounts.update("default", api.account.id, release_hold=True)
    api.upstream.next_reads = [SessionDead("a security challenge")]
    for response in (await inbox.get(path), await inbox.get(path), await api.send()):
        await assert_answer(response, 500, failed("Failed to get LinkedIn authentication credentials"))
    assert (await api.services.accounts.read("default", api.account.id)).status == "ERROR"


async def test_a_mark_that_linkedin_does_not_take_is_a_500(api: Api, inbox: aiohttp.ClientSession) -> None:
    """It is not reported as done, and a throttle holds the account."""
    api.upstream.next_marks = [False]
    response = await inbox.post(SEEN, json={"conversationUrn": THREAD})
    error = "Error marking the conversation as seen: LinkedIn did not accept it"
    await assert_answer(response, 500, failed(error))
    api.upstream.next_marks = [Throttled(429, 600)]
    assert (await inbox.post(SEEN, json={"conversationUrn": THREAD})).status == 429
    assert (await api.send()).status == 429


@pytest.mark.parametrize("scope", [Scope.READ, Scope.SEND])
async def test_private_texts_need_a_scope_of_their_own(api: Api, scope: Scope) -> None:
    """A key that may read and send gets no conversation, and marks none."""
    body = refused("This API key lacks the scope 'inbox'; create one that has it")
    async with client_with(api, scope) as http:
        for response in (
            await http.get(MAILBOX),
            await http.get(MESSAGES),
            await http.post(SEEN, json={"conversationUrn": THREAD}),
        ):
            shaped = await read_shaped(response)
            assert (response.status, shaped) == (403, body)
    assert api.upstream.marked_seen == []


async def test_an_admin_reads_conversations_and_an_inbox_key_nothing_else(
    api: Api, inbox: aiohttp.ClientSession
) -> None:
    """The scope inbox is included in admin, and includes no other."""
    async with client_with(api, Scope.ADMIN) as http:
        assert (await http.get(MAILBOX)).status == 200
    assert (await inbox.get("/linkedin/groups")).status == 403
    assert (await inbox.post("/linkedin/messaging/send-group", json={})).status == 403


async def test_another_workspace_reads_nothing(api: Api) -> None:
    """A key of another workspace cannot name this one's account."""
    query = {"accountId": api.account.id}
    async with client_with(api, Scope.INBOX, workspace_id="another") as stranger:
        for path in (MAILBOX, MESSAGES):
            response = await stranger.get(path, params=query)
            await assert_answer(response, 400, refused("accountId must be an account of this workspace"))
        response = await stranger.post(SEEN, json={"conversationUrn": THREAD, **query})
        await assert_answer(response, 400, refused("accountId must be an account of this workspace"))
    assert api.upstream.marked_seen == []
