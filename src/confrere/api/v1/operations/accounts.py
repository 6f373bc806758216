"""The operations that manage LinkedIn accounts."""

from dataclasses import replace
from datetime import UTC, datetime

from confrere.api.code_samples import Call
from confrere.api.operations.shared_examples import ACCOUNT_ID, MIDNIGHT, NOW, QUOTA, Example, Node, Operation
from confrere.api.v1.bodies import ManagedAccountPage, SessionCheck, account_detail, account_shape
from confrere.api.v1.operations.pacing import PROPERTIES_OF_ACCOUNT, RULES
from confrere.api.v1.operations.shared_examples import ACCOUNT_IN_PATH, UNKNOWN_ACCOUNT, managed, refused
from confrere.domain import errors
from confrere.domain.account import Account, AccountStatus
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, MESSAGES_PER_DAY_CEILING, Action, Quota
from confrere.domain.outcome import SessionDead, Throttled
from confrere.http.answer import Answer

PASTED = "li_at=your-li_at; JSESSIONID=your-JSESSIONID"

_ANNA = Account(
    id=ACCOUNT_ID,
    workspace_id="default",
    profile_urn="urn:li:fsd_profile:ACoAABtq3u0B",
    first_name="Anna",
    last_name="Lindqvist",
    public_id="anna-lindqvist",
    picture=None,
    premium=False,
    status=AccountStatus.AVAILABLE,
    status_reason=None,
    enabled=True,
    is_default=True,
    daily_limit=MESSAGES_PER_DAY_CEILING,
    hold_until=None,
    session_version=3,
    created_at=datetime(2026, 2, 2, 10, 30, tzinfo=UTC),
    last_used_at=datetime(2026, 3, 14, 9, 0, 42, 310_000, tzinfo=UTC),
)
_LOGGED_OUT = replace(_ANNA, status=AccountStatus.ERROR, status_reason="LinkedIn asked to log in")
_QUOTAS = (
    QUOTA,
    Quota(Action.GROUP_MEMBERS, GROUP_MEMBERS_PER_DAY, 0, MIDNIGHT),
    Quota(Action.GROUP_FIRST_CONTACT, None, 17, datetime(2026, 4, 1, tzinfo=UTC)),
)

_CONNECT_REQUEST: Node = {
    "title": "ConnectAccountRequest",
    "description": "What a person copied from a browser that is logged in to LinkedIn.",
    "type": "object",
    "properties": {
        "pasted": {
            "type": "string",
            "minLength": 1,
            "description": 'A request to www.linkedin.com, copied from the developer tools with "Copy as cURL" or '
            '"as PowerShell", or its headers; or a `Cookie` header, or the JSON of a cookie extension. It is kept '
            "encrypted and never told again.",
            "examples": [PASTED],
        },
        "userAgent": {
            "type": ["string", "null"],
            "description": "Of the same browser, where what was copied does not hold it.",
            "examples": ["Mozilla/5.0 (X11; Linux x86_64) …"],
        },
    },
    "required": ["pasted"],
}
_CHANGE_REQUEST: Node = {
    "title": "ChangeAccountRequest",
    "description": "What is to change; what is absent or null stays.",
    "type": "object",
    "properties": {
        "dailyLimit": {
            "type": ["integer", "null"],
            "minimum": 0,
            "maximum": MESSAGES_PER_DAY_CEILING,
            "description": "Messages a day (UTC). It takes effect at once.",
            "examples": [80],
        },
        "enabled": {
            "type": ["boolean", "null"],
            "description": "False stops the account from sending; its session stays.",
        },
        "isDefault": {
            "type": ["boolean", "null"],
            "description": "True makes it the account that sends where none is named. It cannot be false: make another "
            "account the default one instead.",
        },
        "pacing": {
            "type": ["object", "null"],
            "description": "The account's own rules of pacing; the workspace's apply beside them. What is absent "
            "stays, what is null is taken away.",
            "properties": PROPERTIES_OF_ACCOUNT,
            "additionalProperties": False,
        },
    },
}


def _detail(name: str, summary: str, status: int = 200, account: Account = _ANNA, location: str = "") -> Example:
    headers = ((b"location", location.encode()),) if location else ()
    return Example(name, summary, Answer(status, account_detail(account, _QUOTAS, RULES, NOW), headers=headers))


def _checked(name: str, summary: str, account: Account, why: str | None, *, alive: bool | None) -> Example:
    body = SessionCheck(alive=alive, detail=why, account=account_shape(account, NOW))
    return Example(name, summary, Answer(200, body))


_LIST = managed(
    "GET",
    "/accounts",
    "listManagedAccounts",
    "List accounts",
    "All LinkedIn accounts of the workspace, the default one first, on one page. LinkedIn is not asked.",
    Example(
        "accounts",
        "The accounts",
        Answer(200, ManagedAccountPage(items=[account_shape(_ANNA, NOW)], next_cursor=None)),
    ),
    call=Call("GET", "/v1/accounts"),
)
_CONNECT = managed(
    "POST",
    "/accounts",
    "connectAccount",
    "Connect an account",
    "Keeps the session that you copied from your own logged-in browser. LinkedIn is asked once whose session it is. An "
    "account that is known already gets the new session and keeps its id and settings; it works again if it had "
    "stopped. The answer never holds cookies.",
    _detail("connected", "It is connected", 201, location=f"/v1/accounts/{ACCOUNT_ID}"),
    refused(
        "pasted",
        "Nothing was pasted",
        errors.InvalidField("pasted", 'must be what you copied from your browser: "Copy as cURL", or a Cookie header'),
    ),
    refused(
        "userAgent",
        "The user agent is in neither place",
        errors.InvalidField(
            "userAgent",
            "is missing: it must be that of the same browser; type navigator.userAgent into its console",
        ),
    ),
    refused(
        "sessionRefused",
        "LinkedIn does not take the session: log in again and copy anew",
        errors.SessionNotTaken("LinkedIn asked to log in", SessionDead("LinkedIn asked to log in")),
    ),
    refused(
        "linkedinThrottles",
        "LinkedIn throttles the account: leave it alone for a while",
        errors.SessionNotTaken("LinkedIn throttles this account", Throttled(429, 3600)),
    ),
    refused(
        "linkedinUnreadable",
        "LinkedIn did not answer, or not so that it could be understood",
        errors.SessionNotTaken("LinkedIn did not answer in time", None),
    ),
    call=Call(
        "POST",
        "/v1/accounts",
        {"pasted": PASTED, "userAgent": "<navigator.userAgent of that browser>"},
    ),
    request=_CONNECT_REQUEST,
    says={
        201: "Connected",
        400: "Bad request - What was pasted holds no session",
        422: "LinkedIn does not take the session",
        429: "LinkedIn throttles the account",
    },
)
_READ = managed(
    "GET",
    "/accounts/{accountId}",
    "readManagedAccount",
    "Read an account",
    "One account with its quotas. LinkedIn is not asked.",
    _detail("account", "The account"),
    _detail("stopped", "LinkedIn has logged it out: connect it again", account=_LOGGED_OUT),
    UNKNOWN_ACCOUNT,
    call=Call("GET", f"/v1/accounts/{ACCOUNT_ID}"),
    parameters=(ACCOUNT_IN_PATH,),
)
_CHANGE = managed(
    "PATCH",
    "/accounts/{accountId}",
    "changeAccount",
    "Change an account",
    "Its daily limit, whether it may send, whether it is the default one, and its own rules of pacing.",
    _detail("changed", "The account as it is now", account=replace(_ANNA, daily_limit=80)),
    refused(
        "dailyLimit",
        "The limit is out of its range",
        errors.InvalidField("dailyLimit", f"must be from 0 to {MESSAGES_PER_DAY_CEILING}"),
    ),
    UNKNOWN_ACCOUNT,
    call=Call("PATCH", f"/v1/accounts/{ACCOUNT_ID}", {"dailyLimit": 80}),
    parameters=(ACCOUNT_IN_PATH,),
    request=_CHANGE_REQUEST,
)
_CHECK = managed(
    "POST",
    "/accounts/{accountId}/check",
    "checkAccount",
    "Check an account's session",
    "Asks LinkedIn, once, whether the session lives. A dead one is noted: the account's status becomes `ERROR`. An "
    "account that LinkedIn throttles rests, and is not asked about.",
    _checked("alive", "LinkedIn takes the session", _ANNA, None, alive=True),
    _checked(
        "dead", "LinkedIn does not: connect the account again", _LOGGED_OUT, "LinkedIn asked to log in", alive=False
    ),
    _checked(
        "throttled",
        "LinkedIn throttles the account",
        replace(_ANNA, hold_until=NOW.replace(hour=10)),
        "LinkedIn throttles this account",
        alive=None,
    ),
    UNKNOWN_ACCOUNT,
    call=Call("POST", f"/v1/accounts/{ACCOUNT_ID}/check"),
    parameters=(ACCOUNT_IN_PATH,),
)
_RELEASE = managed(
    "POST",
    "/accounts/{accountId}/release-hold",
    "releaseHold",
    "Release an account's hold",
    "Ends the rest of an account that LinkedIn throttled, before its time. An account that goes on while it is "
    "throttled may be restricted or closed by LinkedIn.",
    _detail("released", "The account as it is now"),
    UNKNOWN_ACCOUNT,
    call=Call("POST", f"/v1/accounts/{ACCOUNT_ID}/release-hold"),
    parameters=(ACCOUNT_IN_PATH,),
)
_DISCONNECT = managed(
    "DELETE",
    "/accounts/{accountId}/session",
    "disconnectAccount",
    "Disconnect an account",
    "Erases the account's cookies; the account and its sends stay. LinkedIn still counts the browser as logged in: log "
    "out there to end the session for good.",
    Example("disconnected", "The session is erased", Answer(204, None)),
    UNKNOWN_ACCOUNT,
    call=Call("DELETE", f"/v1/accounts/{ACCOUNT_ID}/session", answers_json=False),
    parameters=(ACCOUNT_IN_PATH,),
)

OPERATIONS: tuple[Operation, ...] = (_LIST, _CONNECT, _READ, _CHANGE, _CHECK, _RELEASE, _DISCONNECT)
