"""The answers that an operation gives because of its route: no key, another method, a late body, a bug."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from confrere.api.compatible import bodies
from confrere.api.compatible import errors as compatible
from confrere.api.compatible.routes import BASE_PATH as COMPATIBLE_PATH
from confrere.api.reference.shared_examples import NOW, QUOTA, REQUEST_NAME, Shown
from confrere.api.reference.texts import Operation, texts
from confrere.api.route import Route
from confrere.api.v1 import errors as v1
from confrere.api.v1.do_not_contact import MAX_TABLE_BYTES
from confrere.api.v1.routes import BASE_PATH as V1_PATH
from confrere.domain import errors
from confrere.domain.keys import Scope
from confrere.domain.pacing import LimitName
from confrere.http.answer import Answer
from confrere.http.json_diagnosis import explain_value
from confrere.http.request import MAX_BODY_BYTES, BodyEncoded, BodyTooLarge, BodyTooSlow

_TOO_MANY_CALLS = errors.TooFast(LimitName.CALLS_PER_MINUTE, 60, 60, NOW + timedelta(seconds=17), QUOTA)


@dataclass(frozen=True, slots=True)
class Example:
    """One answer of an operation. `name` is unique within its status."""

    name: str
    summary: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Api:
    """How one API answers.

    headers:        those of every answer.
    tried_methods:  the first that a path does not take is the example of a 405.
    refuse:         from an error to its answer.
    wrong_method:   from a method and the allowed ones to a 405.
    """

    base_path: str
    headers: Sequence[str]
    tried_methods: Sequence[str]
    refuse: Callable[[errors.ConfrereError], Answer]
    wrong_method: Callable[[str, str], Answer]
    timed_out: Answer
    internal_error: Answer
    wrong_method_summary: str
    timed_out_summary: str
    store_summary: str
    too_large_summary: str

    def answer(self, shown: Shown) -> Answer:
        """What an example shows, as this API answers it."""
        if isinstance(shown, errors.ConfrereError):
            return self.refuse(shown)
        return shown if isinstance(shown, Answer) else Answer(200, shown)


COMPATIBLE = Api(
    base_path=COMPATIBLE_PATH,
    headers=[name for name in texts().headers if name.startswith("X-")],
    tried_methods=["GET", "POST"],
    refuse=lambda error: compatible.answer_for_error(error, NOW),
    wrong_method=compatible.method_not_allowed,
    timed_out=Answer(500, bodies.Limited(error="The request was not answered in time")),
    internal_error=Answer(500, compatible.INTERNAL_ERROR),
    wrong_method_summary="The path does not support this method",
    timed_out_summary="The store did not answer in time",
    store_summary="The store is unavailable; nothing was sent",
    too_large_summary=f"The body is over {MAX_BODY_BYTES // 1024} KiB",
)
V1 = Api(
    base_path=V1_PATH,
    headers=["X-Request-Id", "Cache-Control"],
    tried_methods=["PUT", "PATCH"],
    refuse=lambda error: v1.problem_for(error, REQUEST_NAME, NOW),
    wrong_method=lambda method, allow: v1.method_not_allowed(method, allow, REQUEST_NAME),
    timed_out=v1.timed_out(REQUEST_NAME),
    internal_error=v1.internal_error(REQUEST_NAME),
    wrong_method_summary="The path does not support this method",
    timed_out_summary="The request timed out",
    store_summary="The store is unavailable",
    too_large_summary="The body is too large",
)
SERVER = replace(COMPATIBLE, base_path="", headers=[])
"""Paths outside both APIs: they refuse as the compatible one, without its headers."""


def api_of(operation: Operation) -> Api:
    """The API to which the operation belongs."""
    return next(api for api in (COMPATIBLE, V1, SERVER) if operation.path.startswith(api.base_path))


def common_answers(api: Api, operation: Operation, routes: Mapping[str, Route]) -> list[Example]:
    """What the operation may answer because of its route, beside its own examples. routes: of its path, by method."""
    if not routes:
        return []
    scope = routes[operation.method].scope
    methods = {*routes, "HEAD"} if "GET" in routes else set(routes)
    wrong = next(method for method in api.tried_methods if method not in methods)
    allow = api.wrong_method(wrong, ", ".join(sorted(methods)))
    return [
        *(_of_body(api, operation) if operation.request is not None else ()),
        *(_of_key(scope) if scope is not None else ()),
        Example("wrongMethod", api.wrong_method_summary, allow),
        *([Example("notInTime", api.timed_out_summary, api.timed_out)] if scope is not None else ()),
        Example("internalError", "A server bug; the log contains the request id", api.internal_error),
        *([Example("storeUnavailable", api.store_summary, errors.StoreUnavailable())] if scope is not None else ()),
        *([Example("stopping", "The server is stopping", errors.Draining())] if operation.sends else ()),
    ]


def _of_key(scope: Scope) -> list[Example]:
    lacks = f"The key lacks the scope `{scope}`"
    return [
        Example("unauthorized", "No key, or one that is unknown, expired or revoked", errors.Unauthorized()),
        Example("scopeMissing", lacks, errors.Forbidden(scope)),
        Example("tooManyCalls", "The key has made too many calls, where that is limited", _TOO_MANY_CALLS),
    ]


def _of_body(api: Api, operation: Operation) -> list[Example]:
    is_table = operation.media_type == "text/csv"
    not_json = Example("notJson", "The body is not a JSON object", errors.InvalidField("The body", explain_value([])))
    too_large = BodyTooLarge(MAX_TABLE_BYTES if is_table else MAX_BODY_BYTES)
    return [
        *([] if is_table else [not_json]),
        Example("bodyTooSlow", "The body arrived too slowly", BodyTooSlow()),
        Example("bodyEncoded", "The body is compressed", BodyEncoded()),
        Example("bodyTooLarge", api.too_large_summary, too_large),
    ]
