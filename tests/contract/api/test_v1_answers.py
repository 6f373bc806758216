"""Answering a person under `/v1`: the handler that a route of replies calls."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.types import Message

from confrere.api.gate import Api as GatedApi
from confrere.api.gate import Gate
from confrere.api.pages import Pages
from confrere.api.request import ApiRequest
from confrere.api.route import Route
from confrere.api.v1.answers import answer_person
from confrere.api.v1.dialect import ManagementDialect
from confrere.api.v1.errors import TYPE_PREFIX
from confrere.domain.keys import Caller, Scope
from confrere.domain.outcome import NotSent, Outcome, Refused, SessionDead, Throttled, Unknown
from confrere.domain.urns import ConversationUrn
from confrere.http.answer import Answer
from confrere.services import Services
from tests.contract.api.conftest import Api
from tests.fakes.upstream import BASTIEN, THREAD

SCOPES = (Scope.INBOX, Scope.SEND)


class Answered:
    """Status, headers and JSON of an answer."""

    def __init__(self, sent: list[Message]) -> None:
        self.status: int = sent[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        self.body: Any = json.loads(sent[1]["body"])

    @property
    def kind(self) -> str:
        """The kind of the problem."""
        assert self.headers["content-type"] == "application/problem+json"
        return str(self.body["type"]).removeprefix(TYPE_PREFIX)


async def post(
    api: Api, body: object, *, scopes: tuple[Scope, ...] = SCOPES, headers: Mapping[str, str] | None = None
) -> Answered:
    """Answer Bastien through the gate, by a route with the scope `inbox`."""

    async def handle(caller: Caller, request: ApiRequest, services: Services) -> Answer:
        return await answer_person(
            caller,
            request,
            services,
            account_id=api.account.id,
            conversation_urn=ConversationUrn(THREAD),
            recipient=BASTIEN.profile_urn,
        )

    _, key = await api.services.keys.create("default", name="caller", scopes=scopes)
    routes = [Route("POST", "/v1/answer", Scope.INBOX, None, handle)]
    gate = Gate(api.services, {"/v1": GatedApi(ManagementDialect(api.services), routes)}, Pages(api.services, []))
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    bodies = [{"type": "http.request", "body": json.dumps(body).encode()}]

    async def receive() -> Message:
        if bodies:
            return bodies.pop()
        await asyncio.Event().wait()
        raise AssertionError

    given = {"authorization": f"Bearer {key}", "content-type": "application/json", **(headers or {})}
    await gate(
        {
            "type": "http",
            "method": "POST",
            "path": "/v1/answer",
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
            "root_path": "",
        },
        receive,
        send,
    )
    return Answered(sent)


async def test_an_answer_is_a_plain_message(api: Api) -> None:
    """It goes into the conversation, by the ledger, and the body is that of the compatible API."""
    answer = await post(api, {"text": "Thursday suits me"})
    [reply] = api.upstream.replies
    assert (reply.conversation_urn, reply.text) == (THREAD, "Thursday suits me")
    assert (answer.status, answer.body) == (
        200,
        {
            "success": True,
            "message": "Message sent successfully",
            "recipientProfileUrn": BASTIEN.profile_urn,
            "sentMessage": {"messageUrn": f"urn:message:{reply.origin_token}", "conversationUrn": THREAD},
        },
    )
    _, quotas = await api.services.accounts.read_quotas("default", None)
    assert quotas[0].used == 1


async def test_reading_is_not_enough_to_answer(api: Api) -> None:
    """A key needs `inbox` for what it answers and `send` to write; `admin` has both."""
    answer = await post(api, {"text": "Hello"}, scopes=(Scope.INBOX,))
    assert (answer.status, answer.kind) == (403, "scopeMissing")
    assert answer.body["detail"] == "This API key lacks the scope 'send'; create one that has it"
    assert (await post(api, {"text": "Hello"}, scopes=(Scope.SEND,))).status == 403
    assert api.upstream.replies == []
    assert (await post(api, {"text": "Hello"}, scopes=(Scope.ADMIN,))).status == 200


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "text must be a string"),
        ({"text": " "}, "text must be a text in which something can be seen, but is blank"),
        ({"text": "Hello", "idempotencyKey": "k"}, "idempotencyKey must not be in the body: send it as the header"),
    ],
)
async def test_a_bad_body_is_a_400(api: Api, body: dict[str, object], detail: str) -> None:
    """The problem names the field."""
    answer = await post(api, body)
    assert (answer.status, answer.kind) == (400, "invalidField")
    assert answer.body["detail"].startswith(detail)


async def test_a_key_gets_its_first_answer_again(api: Api) -> None:
    """And a key of another text is a problem of its own."""
    headers = {"Idempotency-Key": "k1"}
    first = await post(api, {"text": "Hello"}, headers=headers)
    again = await post(api, {"text": "Hello"}, headers=headers)
    assert (again.body, again.headers["idempotency-replayed"]) == (first.body, "true")
    other = await post(api, {"text": "Something else"}, headers=headers)
    assert (other.status, other.kind) == (422, "keyReused")
    assert len(api.upstream.replies) == 1


@pytest.mark.parametrize(
    ("outcome", "status", "kind", "detail"),
    [
        (Refused(422, "", "CODE", "no"), 403, "messageRefused", "LinkedIn refused it with status 422: CODE: no"),
        (Throttled(429, 600), 429, "linkedinThrottles", "LinkedIn throttles this account until"),
        (SessionDead("LinkedIn asks to log in"), 422, "sessionRefused", "LinkedIn asks to log in"),
        (NotSent("no connection"), 502, "notSent", "no connection"),
        (Unknown("no answer"), 502, "outcomeUnknown", "no answer"),
    ],
)
async def test_an_outcome_is_a_problem_of_its_kind(
    api: Api, outcome: Outcome, status: int, kind: str, detail: str
) -> None:
    """Programs tell by the type whether to repeat."""
    api.upstream.will(outcome)
    answer = await post(api, {"text": "Hello"})
    assert (answer.status, answer.kind) == (status, kind)
    assert answer.body["detail"].startswith(detail)


async def test_an_opted_out_person_is_not_answered(api: Api) -> None:
    """The problem is another one than a refusal of LinkedIn's."""
    await api.services.do_not_contact.add("default", [BASTIEN.profile_urn], reason=None, source="test")
    answer = await post(api, {"text": "Hello"})
    assert (answer.status, answer.kind) == (403, "recipientOptedOut")
    assert api.upstream.replies == []
