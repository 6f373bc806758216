"""The answers that an operation gives because of its route: no key, another method, a late body, a bug."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from confrere.api import bodies, compatible
from confrere.api.errors import INTERNAL_ERROR, Answer, answer_for_error
from confrere.api.json_diagnosis import explain_value
from confrere.api.reference.openapi_text import HEADERS
from confrere.api.reference.operation import Example, Operation, Shown
from confrere.api.reference.shared_examples import NOW, QUOTA, REQUEST_NAME
from confrere.api.request import MAX_BODY_BYTES, BodyEncoded, BodyTooLarge, BodyTooSlow
from confrere.api.v1 import dialect
from confrere.api.v1.do_not_contact import MAX_TABLE_BYTES
from confrere.api.v1.problems import problem_for
from confrere.domain import errors
from confrere.domain.keys import Scope
from confrere.domain.pacing import LimitName

_BODY_STATUS: dict[type[errors.ConfrereError], int] = {BodyTooSlow: 408, BodyTooLarge: 413, BodyEncoded: 415}
_TOO_MANY_CALLS = errors.TooFast(LimitName.CALLS_PER_MINUTE, 60, 60, NOW + timedelta(seconds=17), QUOTA)


@dataclass(frozen=True, slots=True)
class Api:
    """How one API answers.

    headers:          those of every answer.
    shown_headers:    those that the code samples of its POSTs print.
    tried_methods:    those of which the first that a path does not take is the example of a 405.
    summaries:        by the name of a common answer, what stands beside its example.
    """

    base_path: str
    headers: Sequence[str]
    shown_headers: Sequence[str]
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


def _compatible_refusal(error: errors.ConfrereError) -> Answer:
    status = _BODY_STATUS.get(type(error))
    return Answer(status, bodies.Failure(error=str(error))) if status else answer_for_error(error, NOW)


def _compatible_wrong_method(method: str, allow: str) -> Answer:
    body = bodies.Failure(error=f"{method} is not allowed here; use {allow}")
    return Answer(405, body, headers=((b"allow", allow.encode()),))


COMPATIBLE = Api(
    base_path=compatible.BASE_PATH,
    headers=[name for name in HEADERS if name.startswith("X-")],
    shown_headers=["X-RateLimit-Remaining"],
    tried_methods=["GET", "POST"],
    refuse=_compatible_refusal,
    wrong_method=_compatible_wrong_method,
    timed_out=Answer(500, bodies.Limited(error="The request was not answered in time")),
    internal_error=Answer(500, INTERNAL_ERROR),
    wrong_method_summary="This path takes another method",
    timed_out_summary="The store did not answer in time",
    store_summary="The store is away; nothing was sent",
    too_large_summary=f"The body is over {MAX_BODY_BYTES // 1024} KiB",
)
V1 = Api(
    base_path=dialect.BASE_PATH,
    headers=["X-Request-Id", "Cache-Control"],
    shown_headers=[],
    tried_methods=["PUT", "PATCH"],
    refuse=lambda error: problem_for(error, REQUEST_NAME, NOW),
    wrong_method=lambda method, allow: dialect.wrong_method(method, allow, REQUEST_NAME),
    timed_out=dialect.timed_out(REQUEST_NAME),
    internal_error=dialect.internal_error(REQUEST_NAME),
    wrong_method_summary="This path takes other methods",
    timed_out_summary="Something took too long",
    store_summary="The store is away",
    too_large_summary="The body is too large",
)
SERVER = replace(COMPATIBLE, base_path="", headers=[])
"""Paths outside both APIs: they refuse as the compatible one, without its headers."""


def api_of(operation: Operation) -> Api:
    """The API to which the operation belongs."""
    return next(api for api in (COMPATIBLE, V1, SERVER) if operation.path.startswith(api.base_path))


def common_answers(api: Api, operation: Operation, scope: Scope | None, methods: Collection[str]) -> list[Example]:
    """What the operation may answer beside its own examples. methods: those that its path takes."""
    if api is SERVER:
        return []
    examples = [*_of_body(api, operation)] if operation.request is not None else []
    if scope is not None:
        examples += _of_key(scope)
    wrong = next(method for method in api.tried_methods if method not in methods)
    allow = api.wrong_method(wrong, ", ".join(sorted(methods)))
    bug = Example("internalError", "A bug of the server; its log names the request id", api.internal_error)
    examples += [Example("wrongMethod", api.wrong_method_summary, allow), bug]
    if scope is not None:
        examples.insert(-1, Example("notInTime", api.timed_out_summary, api.timed_out))
        examples.append(Example("storeUnavailable", api.store_summary, errors.StoreUnavailable()))
    if operation.sends:
        examples.append(Example("stopping", "The server is stopping", errors.Draining()))
    return examples


def _of_key(scope: Scope) -> list[Example]:
    lacks = f"The key may not do this: it lacks the scope `{scope}`"
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
        Example("bodyTooSlow", "The body trickled in", BodyTooSlow()),
        Example("bodyEncoded", "The body is compressed", BodyEncoded()),
        Example("bodyTooLarge", api.too_large_summary, too_large),
    ]
