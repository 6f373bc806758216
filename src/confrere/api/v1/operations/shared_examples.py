"""What the operations of the management API have in common, taken from its table of routes."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from confrere.api.code_samples import Call
from confrere.api.operations.shared_examples import (
    ACCOUNT_ID,
    MANAGEMENT,
    NOW,
    Example,
    Node,
    Operation,
    Parameter,
)
from confrere.api.v1.errors import internal_error, method_not_allowed, problem_for, timed_out
from confrere.api.v1.paging import DEFAULT_PAGE, MAX_PAGE
from confrere.api.v1.routes import BASE_PATH, ROUTES
from confrere.domain import errors
from confrere.domain.keys import Scope
from confrere.domain.pacing import LimitName
from confrere.http.json_diagnosis import explain_value
from confrere.http.request import MAX_BODY_BYTES, BodyEncoded, BodyTooLarge, BodyTooSlow

REQUEST_NAME = "order-4711"
KEY_ID = "5d41402abc4b2a76b9719d91"
OPTED_OUT = "urn:li:fsd_profile:ACoAAC4hVx0BkQm1u8Wl2nR7tYpD3sXfGzEo6Ja"

ACCOUNT_IN_PATH = Parameter(
    "accountId",
    "path",
    "The account's id, from `GET /v1/accounts`.",
    {"type": "string", "pattern": "^[0-9a-f]{24}$"},
    ACCOUNT_ID,
)
LIMIT = Parameter(
    "limit",
    "query",
    "How many items a page has.",
    {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE},
    20,
)


def refused(name: str, summary: str, error: errors.ConfrereError) -> Example:
    """A request that is not carried out."""
    return Example(name, summary, problem_for(error, REQUEST_NAME, NOW))


_TOO_MANY = errors.TooFast(LimitName.CALLS_PER_MINUTE, 60, 60, NOW + timedelta(seconds=17))

UNKNOWN_ACCOUNT = refused(
    "unknownAccount", "The workspace has no such account", errors.NotFound("There is no such account in this workspace")
)
BAD_CURSOR = refused(
    "cursor", "The cursor is none of ours", errors.InvalidField("cursor", "must be the nextCursor of the page before")
)


def managed(
    method: str,
    path: str,
    operation_id: str,
    summary: str,
    description: str,
    *own: Example,
    call: Call,
    parameters: Sequence[Parameter] = (),
    request: Node | None = None,
    most_bytes: int = MAX_BODY_BYTES,
    says: Mapping[int, str] | None = None,
    dry_run: bool = False,
) -> Operation:
    """An operation under `/v1`; its path without that. What every one of them may answer is added."""
    needs, methods = _route(method, path)
    examples = [*own, *_common(needs, methods)]
    if request is not None:
        examples += _body_troubles(most_bytes, is_json=call.table is None)
    return Operation(
        method=method,
        path=BASE_PATH + path,
        operation_id=operation_id,
        tag=MANAGEMENT,
        dry_run=dry_run,
        summary=summary,
        description=description,
        needs=needs,
        call=call,
        examples=sorted(examples, key=lambda example: example.answer.status),
        parameters=parameters,
        request=request,
        says=says or {},
    )


def _route(method: str, path: str) -> tuple[Scope, set[str]]:
    """The scope that the route needs, and all methods that its path takes."""
    routes = [route for route in ROUTES if _bare(route.path) == _bare(BASE_PATH + path)]
    methods = {route.method for route in routes}
    needs = next(route.scope for route in routes if route.method == method)
    assert needs is not None
    return needs, methods | ({"HEAD"} if "GET" in methods else set())


def _bare(path: str) -> str:
    return re.sub(r"{[^}]*}", "{}", path)


def _common(needs: Scope, methods: set[str]) -> list[Example]:
    allow = ", ".join(sorted(methods))
    wrong = next(method for method in ("PUT", "PATCH") if method not in methods)
    lacks = f"The key may not do this: it lacks the scope `{needs}`"
    return [
        refused("unauthorized", "No key, or one that is unknown, expired or revoked", errors.Unauthorized()),
        refused("scopeMissing", lacks, errors.Forbidden(needs)),
        Example("wrongMethod", "This path takes other methods", method_not_allowed(wrong, allow, REQUEST_NAME)),
        refused("tooManyCalls", "The key has made too many calls, where that is limited", _TOO_MANY),
        Example("internalError", "A bug of the server; its log names the request id", internal_error(REQUEST_NAME)),
        refused("storeUnavailable", "The store is away", errors.StoreUnavailable()),
        Example("notInTime", "Something took too long", timed_out(REQUEST_NAME)),
    ]


def _body_troubles(most_bytes: int, *, is_json: bool) -> list[Example]:
    no_json = refused("notJson", "The body is not a JSON object", errors.InvalidField("The body", explain_value([])))
    return [
        *([no_json] if is_json else []),
        refused("bodyTooSlow", "The body trickled in", BodyTooSlow()),
        refused("bodyEncoded", "The body is compressed", BodyEncoded()),
        refused("bodyTooLarge", "The body is too large", BodyTooLarge(most_bytes)),
    ]
