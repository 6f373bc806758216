"""Every error of ours has an entry in each table: compatible API, v1, the agents' tools and their HTTP endpoint."""

import inspect
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.types import Message, Scope

from confrere.api.compatible.dialect import CompatibleDialect
from confrere.api.dialect import ApiDialect
from confrere.api.gate import Api, Gate
from confrere.api.pages import Pages
from confrere.api.request import ApiRequest
from confrere.api.route import Route
from confrere.api.v1.dialect import ManagementDialect
from confrere.domain import errors
from confrere.domain.campaigns.audience import Audience, AudienceInUse, AudienceNotReady
from confrere.domain.campaigns.campaign import CampaignStatus, ContentChanged, PersonDeclined, WrongStatus
from confrere.domain.campaigns.saved_template import TemplateInUse
from confrere.domain.campaigns.templates import UnknownVariable, UnknownVariables
from confrere.domain.keys import Caller
from confrere.domain.limits import Action, Quota
from confrere.domain.urns import GroupId
from confrere.domain.webhooks import DeliveryInProgress, WebhookDisabled
from confrere.http import request as http_request
from confrere.http.answer import Answer
from confrere.mcp.error_texts import sentences
from confrere.mcp.http import answer_for_error
from confrere.services import Services
from tests.error_kinds import errors_of_domain

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUOTA = Quota(Action.MESSAGE, 150, 150, NOON)
BUG = 500

ERRORS: Mapping[type[errors.ConfrereError], errors.ConfrereError] = {
    type(error): error
    for error in (
        errors.InvalidField("field", "must be a text"),
        errors.MissingFields("a and b are required", ["a"]),
        errors.AccountDisabled("0" * 24, QUOTA),
        errors.SessionNotTaken("it is dead", None),
        errors.Unauthorized(),
        errors.Forbidden("admin"),
        errors.NotFound("There is no such key"),
        errors.KeyInUse(QUOTA),
        errors.KeyReused(QUOTA),
        errors.NoSession(None, QUOTA),
        errors.LimitIsZero(QUOTA),
        errors.LimitReached("too fast", QUOTA, NOON),
        errors.QuotaUsedUp(QUOTA),
        errors.TooFast("MIN_GAP", 1, 1, NOON, QUOTA),
        errors.AccountHeld(QUOTA, NOON),
        errors.LoginDelayed(NOON),
        errors.Draining(),
        errors.StoreUnavailable("sqlite: disk is full"),
        errors.StoreDamaged("sqlite: malformed"),
        errors.ClockWrong("it went back"),
        WrongStatus("paused", CampaignStatus.DRAFT),
        ContentChanged(),
        PersonDeclined(None),
        AudienceInUse("Spring", "draft"),
        AudienceNotReady(Audience("0" * 32, "default", "Buyers", GroupId("42"), "group", NOON, 0)),
        TemplateInUse("0" * 32, "Spring"),
        UnknownVariables("text", (UnknownVariable("frstName", "firstName"),)),
        WebhookDisabled(),
        DeliveryInProgress(),
        http_request.BodyTooLarge(1024),
        http_request.BodyEncoded(),
        http_request.BodyTooSlow(),
    )
}

NEVER_RAISED: Mapping[str, set[type[errors.ConfrereError]]] = {
    # It has no campaigns and no webhooks.
    "compatible": {WrongStatus, ContentChanged, PersonDeclined, AudienceInUse, AudienceNotReady, TemplateInUse}
    | {WebhookDisabled, DeliveryInProgress},
    "v1": {PersonDeclined},
    # Only authentication and the body come before the tools, which answer all others themselves.
    "mcp": set(ERRORS)
    - {errors.Unauthorized, errors.TooFast, errors.StoreUnavailable, errors.StoreDamaged, errors.ClockWrong}
    - {http_request.BodyTooLarge, http_request.BodyEncoded, http_request.BodyTooSlow},
}
"""The errors that each table leaves to the fixed 500."""

SERVICES = cast(
    "Services", SimpleNamespace(clock=lambda: NOON, sender=SimpleNamespace(record_answered=lambda _line: None))
)


def test_the_list_of_errors_is_whole() -> None:
    """The list of errors in this test is complete, so that a new error is tested against every table."""
    of_http = {
        kind
        for _, kind in inspect.getmembers(http_request, inspect.isclass)
        if issubclass(kind, errors.ConfrereError) and kind is not errors.ConfrereError
    }
    assert errors_of_domain() | of_http - {http_request.ClientDisconnected} == set(ERRORS)


each_error = pytest.mark.parametrize(
    "error", [*ERRORS.values(), ZeroDivisionError("secret")], ids=lambda error: type(error).__name__
)


async def answer_through_gate(dialect: ApiDialect, error: BaseException) -> tuple[int, dict[str, str], Any]:
    """Return status, headers and body of the answer to a request whose handler raises `error`."""

    async def fail(_caller: Caller, _request: ApiRequest, _services: Services) -> Answer:
        raise error

    gate = Gate(SERVICES, {"/api": Api(dialect, [Route("GET", "/api/x", None, None, fail)])}, Pages(SERVICES, []))
    return await call(gate, "/api/x")


async def call(app: Callable[..., Any], path: str) -> tuple[int, dict[str, str], Any]:
    """Call an ASGI application once with GET."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    scope: Scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "root_path": ""}
    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, json.loads(sent[1]["body"])


@pytest.mark.parametrize(
    "error", [*ERRORS.values(), ZeroDivisionError("secret")], ids=lambda error: type(error).__name__
)
async def test_compatible_api_answers_every_error(error: Exception) -> None:
    """An error without an entry is the fixed 500 in JSON, never plain text."""
    status, headers, body = await answer_through_gate(CompatibleDialect(SERVICES), error)
    assert headers["content-type"] == "application/json"
    assert headers["x-ratelimit-action"] == "MESSAGE"
    is_unknown = not isinstance(error, errors.ConfrereError) or type(error) in NEVER_RAISED["compatible"]
    assert (body == {"error": "Internal server error", "success": False}) is is_unknown
    assert status == BUG if is_unknown else status >= 400


@pytest.mark.parametrize(
    "error", [*ERRORS.values(), ZeroDivisionError("secret")], ids=lambda error: type(error).__name__
)
async def test_management_api_answers_every_error(error: Exception) -> None:
    """An error without an entry is the problem `internalError`, never plain text."""
    status, headers, body = await answer_through_gate(ManagementDialect(SERVICES), error)
    assert headers["content-type"] == "application/problem+json"
    assert body["status"] == status
    is_unknown = not isinstance(error, errors.ConfrereError) or type(error) in NEVER_RAISED["v1"]
    assert body["type"].endswith(":internalError") is is_unknown


@pytest.mark.parametrize(
    "error", [*ERRORS.values(), ZeroDivisionError("secret")], ids=lambda error: type(error).__name__
)
def test_mcp_endpoint_answers_every_error(error: Exception) -> None:
    """An error without an entry is the fixed 500 in JSON, never plain text."""
    answer = answer_for_error(error, {}, SERVICES)
    assert answer.media_type == "application/json"
    assert isinstance(answer.body, bytes)
    is_unknown = not isinstance(error, errors.ConfrereError) or type(error) in NEVER_RAISED["mcp"]
    assert (json.loads(answer.body) == {"error": "Internal server error"}) is is_unknown
    assert (answer.status == BUG) is is_unknown


@pytest.mark.parametrize("error", ERRORS.values(), ids=lambda error: type(error).__name__)
def test_agents_are_given_a_sentence_for_every_error(error: errors.ConfrereError) -> None:
    """A failed tool gives its reason in whole sentences, and a call without a key reaches no tool."""
    assert sentences(error).endswith((".", "!", "?"))
    assert sentences(error) != "." or isinstance(error, errors.Unauthorized)


class NewError(errors.ConfrereError):
    """An error that is in no table."""


async def test_a_page_answers_an_error_that_the_table_does_not_know() -> None:
    """Outside the APIs, too, an unknown error is the fixed 500 in JSON."""

    async def fail(_scope: Scope, _receive: object, _send: object) -> None:
        raise NewError

    pages = Pages(SERVICES, [])
    pages.default = fail
    status, headers, body = await call(Gate(SERVICES, {}, pages), "/page")
    assert (status, headers["content-type"]) == (BUG, "application/json")
    assert body == {"error": "Internal server error", "success": False}
