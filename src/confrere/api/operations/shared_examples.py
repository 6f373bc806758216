"""What the tables of operations are made of, and the answers that many operations give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from confrere.api.code_samples import Call
from confrere.api.compatible import bodies
from confrere.api.compatible.errors import INTERNAL_ERROR, Echo, answer_for_error
from confrere.domain import errors
from confrere.domain.keys import Scope
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, Action, Quota
from confrere.domain.pacing import LimitName
from confrere.http.answer import Answer
from confrere.http.json_diagnosis import explain_value
from confrere.http.request import MAX_BODY_BYTES, BodyEncoded

Node = dict[str, object]
"""A JSON object of the document."""

MESSAGING, GROUPS, ACCOUNTS, LEDGER, SERVER = "Messaging", "Groups", "Accounts", "Sends", "Server"
MANAGEMENT = "Management"

RECIPIENT = "urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"
GROUP = "12345678"
TEXT = "Hello fellow group member!"
ACCOUNT_ID = "65f1a2b3c4d5e6f708192a3b"
SEND_ID = "019cea5b2d2a7c3f8e1b4a6d9f205c71"
MESSAGE_URN = "urn:li:msg_message:(urn:li:fsd_profile:ACoAABtq3u0B,2-MTc3MzQ3ODg0NA==)"
CONVERSATION_URN = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAABtq3u0B,2-NjVmMWEyYjM=)"

_LINKEDIN = r"(\S*[/.])?[Ll][Ii][Nn][Kk][Ee][Dd][Ii][Nn]\.[Cc][Oo][Mm](:443)?"  # patterns have no "in any case"
_GROUP_PAGE = rf"{_LINKEDIN}/groups(/[0-9]{{1,19}}([/?#]\S*)?|/?\?\S*gid=[0-9]{{1,19}}\S*)"
_PROFILE_ID = "ACoAA[A-Za-z0-9_-]{1,59}"
PROFILE_PATTERN = (
    rf"^\s*(urn:li:(fsd_profile|fs_miniProfile):[A-Za-z0-9_-]{{1,64}}|{_PROFILE_ID}"
    rf"|{_LINKEDIN}/in/{_PROFILE_ID}([/?#]\S*)?)\s*$"
)
GROUP_PATTERN = rf"^\s*((urn:li:(fsd_)?group:)?[0-9]{{1,19}}|{_GROUP_PAGE})\s*$"
GROUP_URL_PATTERN = rf"^\s*{_GROUP_PAGE}\s*$"
ACCOUNT_PATTERN = r"^(\s*[0-9a-fA-F]{24}\s*)?$"
CURSOR_PATTERN = "^[A-Za-z0-9_-]*$"
BY_GROUP_ID: Node = {
    "anyOf": [{"type": "string", "pattern": GROUP_PATTERN}, {"type": "integer", "minimum": 0, "maximum": 10**19 - 1}],
    "examples": [GROUP],
}

NOW = datetime(2026, 3, 14, 9, 0, 43, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 15, tzinfo=UTC)
QUOTA = Quota(Action.MESSAGE, MESSAGES_PER_DAY_CEILING, 42, MIDNIGHT)
ECHO = Echo(RECIPIENT, GROUP)


@dataclass(frozen=True, slots=True)
class Example:
    """One answer of an operation. `name` is unique within its status."""

    name: str
    summary: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter in a path, a query or a header."""

    name: str
    place: str
    description: str
    schema: Node
    example: object = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    path:      as in the document, names of its parts in camel case.
    needs:     the scope that the key must have; None where no key is needed.
    says:      what a status means here, where the common words do not fit.
    text:      the media type of a 200 that is not JSON.
    dry_run:   whether it changes nothing, though its method or scope would let one think so.
    in_api:    whether it stands under the base path, with all that its answers promise.
    """

    method: str
    path: str
    operation_id: str
    tag: str
    summary: str
    description: str
    needs: Scope | None
    call: Call
    examples: Sequence[Example]
    parameters: Sequence[Parameter] = ()
    request: Node | None = None
    says: Mapping[int, str] = field(default_factory=dict)
    replays: frozenset[int] = frozenset()
    text: str | None = None
    dry_run: bool = False
    in_api: bool = True


def refused(name: str, summary: str, error: errors.ConfrereError) -> Example:
    """A request that is refused before anything is asked of LinkedIn."""
    return Example(name, summary, answer_for_error(error, NOW))


def failed(name: str, summary: str, status: int, text: str) -> Example:
    """A failure with a text of its own."""
    return Example(name, summary, Answer(status, bodies.Failure(error=text)))


# ---- answers that many operations give --------------------------------------------------------------------------

UNAUTHORIZED = refused("unauthorized", "No key, or one that is unknown, expired or revoked", errors.Unauthorized())
BUG = Example("internalError", "A bug of the server; its log names the request id", Answer(500, INTERNAL_ERROR))
LATE = Example(
    "notInTime",
    "The store did not answer in time",
    Answer(500, bodies.Limited(error="The request was not answered in time")),
)
STORE_AWAY = refused("storeUnavailable", "The store is away; nothing was sent", errors.StoreUnavailable())
TOO_MANY_CALLS = refused(
    "tooManyCalls",
    "The key has made too many calls, where that is limited",
    errors.TooFast(LimitName.CALLS_PER_MINUTE, 60, 60, NOW + timedelta(seconds=17), QUOTA),
)
BODY_LATE = failed("bodyTooSlow", "The body trickled in", 408, "The body did not arrive in time; send it at once")
BODY_LARGE = failed(
    "bodyTooLarge",
    f"The body is over {MAX_BODY_BYTES // 1024} KiB",
    413,
    f"The body must be at most {MAX_BODY_BYTES // 1024} KiB",
)

NOT_JSON = refused("notJson", "The body is not a JSON object", errors.InvalidField("The body", explain_value([])))
BODY_ENCODED = failed("bodyEncoded", "The body is compressed", 415, str(BodyEncoded()))


def wrong_method(method: str, allowed: str) -> Example:
    """The 405 to another method."""
    body = bodies.Failure(error=f"{method} is not allowed here; use {allowed}")
    return Example(
        "wrongMethod", "This path takes another method", Answer(405, body, None, ((b"allow", allowed.encode()),))
    )


def lacks(scope: Scope) -> Example:
    """The 403 to a good key without the scope."""
    return refused("scopeMissing", f"The key may not do this: it lacks the scope `{scope}`", errors.Forbidden(scope))


def read_examples(*own: Example) -> list[Example]:
    """The answers of an endpoint that reads, in the order of their statuses."""
    common = [UNAUTHORIZED, lacks(Scope.READ), wrong_method("POST", "GET, HEAD"), TOO_MANY_CALLS, LATE, BUG, STORE_AWAY]
    return sorted([*own, *common], key=lambda example: example.answer.status)


UNKNOWN_ACCOUNT = refused(
    "unknownAccount", "The workspace has no such account", errors.NotFound("There is no such account in this workspace")
)


def without_account(name: str, summary: str, text: str) -> Example:
    """The 404 of an account's status."""
    return Example(name, summary, Answer(404, bodies.Unknown(error=text)))


NO_SUCH_ACCOUNT = without_account(
    "unknownAccount", "The workspace has no such account", "There is no such account in this workspace"
)

# ---- parameters -------------------------------------------------------------------------------------------------

IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Names this send: 1 to 255 visible ASCII characters, kept for 24 hours. A placeholder such as `undefined` or "
    "`${KEY}` is a 400: its variable was not filled in. A repeat with the same key and the same "
    "body gets the first answer again, with `Idempotency-Replayed: true`; with another body it is a 422, "
    "and while the first still runs a 409. After an answer that touched nothing the key is free again.",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7E]+$"},
    "order-4711-hello",
)
REQUEST_ID = Parameter(
    "X-Request-Id",
    "header",
    "Your own name for the request, up to 128 letters, digits and `._:-`. It is returned, and stands on every "
    "line that the server logs of it.",
    {"type": "string"},
    "order-4711",
)
ACCOUNT_IN_PATH = Parameter(
    "accountId",
    "path",
    "The account's id, from `GET /linkedin/accounts`.",
    {"type": "string", "pattern": "^[0-9a-f]{24}$"},
    ACCOUNT_ID,
)
CURSOR = Parameter(
    "cursor",
    "query",
    "`nextCursor` of the page before; absent for the first page.",
    {"type": "string", "pattern": CURSOR_PATTERN},
)
