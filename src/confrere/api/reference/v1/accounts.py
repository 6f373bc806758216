"""The operations that manage LinkedIn accounts."""

from dataclasses import replace

from confrere.api.reference import schemas
from confrere.api.reference.operation import Example, Operation
from confrere.api.reference.schemas import integer, nullable, text
from confrere.api.reference.shared_examples import ACCOUNT_ID, ANNA, NOW, QUOTAS, UNKNOWN_ACCOUNT, account_in_path
from confrere.api.reference.v1.pacing import ACCOUNT_PROPERTIES, ACCOUNT_RULES
from confrere.api.v1.account_bodies import ManagedAccountPage, SessionCheck, account_detail, account_shape
from confrere.domain import errors
from confrere.domain.account import Account, AccountStatus
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.outcome import SessionDead, Throttled
from confrere.http.answer import Answer

_IN_PATH = account_in_path("GET /v1/accounts")
_PASTED = "li_at=your-li_at; JSESSIONID=your-JSESSIONID"
_LOGGED_OUT = replace(ANNA, status=AccountStatus.ERROR, status_reason="LinkedIn asked to log in")

_CONNECT_REQUEST = schemas.request(
    "ConnectAccountRequest",
    "What a person copied from a browser that is logged in to LinkedIn.",
    {
        "pasted": text(
            'A request to www.linkedin.com, copied from the developer tools with "Copy as cURL" or '
            '"as PowerShell", or its headers; or a `Cookie` header, or the JSON of a cookie extension. It is kept '
            "encrypted and never told again.",
            min_length=1,
            example=_PASTED,
        ),
        "userAgent": nullable(
            text(
                "Of the same browser, where what was copied does not hold it.",
                example="Mozilla/5.0 (X11; Linux x86_64) …",
            )
        ),
    },
    "pasted",
)
_CHANGE_REQUEST = schemas.request(
    "ChangeAccountRequest",
    "What is to change; what is absent or null stays.",
    {
        "dailyLimit": nullable(
            integer(0, MESSAGES_PER_DAY_CEILING, "Messages a day (UTC). It takes effect at once.", examples=[80])
        ),
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
            "properties": ACCOUNT_PROPERTIES,
            "additionalProperties": False,
        },
    },
)


def _detail(name: str, summary: str, status: int = 200, account: Account = ANNA, location: str = "") -> Example:
    headers = ((b"location", location.encode()),) if location else ()
    return Example(name, summary, Answer(status, account_detail(account, QUOTAS, ACCOUNT_RULES, NOW), headers=headers))


def _checked(name: str, summary: str, account: Account, why: str | None, *, alive: bool | None) -> Example:
    return Example(name, summary, SessionCheck(alive=alive, detail=why, account=account_shape(account, NOW)))


OPERATIONS = (
    Operation(
        "GET",
        "/v1/accounts",
        "listManagedAccounts",
        "List accounts",
        "All LinkedIn accounts of the workspace, the default one first, on one page. LinkedIn is not asked.",
        [Example("accounts", "The accounts", ManagedAccountPage(items=[account_shape(ANNA, NOW)], next_cursor=None))],
    ),
    Operation(
        "POST",
        "/v1/accounts",
        "connectAccount",
        "Connect an account",
        "Keeps the session that you copied from your own logged-in browser. LinkedIn is asked once whose session it "
        "is. An account that is known already gets the new session and keeps its id and settings; it works again if it "
        "had stopped. The answer never holds cookies.",
        [
            _detail("connected", "It is connected", 201, location=f"/v1/accounts/{ACCOUNT_ID}"),
            Example(
                "pasted",
                "Nothing was pasted",
                errors.InvalidField(
                    "pasted", 'must be what you copied from your browser: "Copy as cURL", or a Cookie header'
                ),
            ),
            Example(
                "userAgent",
                "The user agent is in neither place",
                errors.InvalidField(
                    "userAgent",
                    "is missing: it must be that of the same browser; type navigator.userAgent into its console",
                ),
            ),
            Example(
                "sessionRefused",
                "LinkedIn does not take the session: log in again and copy anew",
                errors.SessionNotTaken("LinkedIn asked to log in", SessionDead("LinkedIn asked to log in")),
            ),
            Example(
                "linkedinThrottles",
                "LinkedIn throttles the account: leave it alone for a while",
                errors.SessionNotTaken("LinkedIn throttles this account", Throttled(429, 3600)),
            ),
            Example(
                "linkedinUnreadable",
                "LinkedIn did not answer, or not so that it could be understood",
                errors.SessionNotTaken("LinkedIn did not answer in time", None),
            ),
        ],
        request=_CONNECT_REQUEST,
        body={"pasted": _PASTED, "userAgent": "<navigator.userAgent of that browser>"},
        status_texts={
            201: "Connected",
            400: "Bad request - What was pasted holds no session",
            422: "LinkedIn does not take the session",
            429: "LinkedIn throttles the account",
        },
    ),
    Operation(
        "GET",
        "/v1/accounts/{accountId}",
        "readManagedAccount",
        "Read an account",
        "One account with its quotas. LinkedIn is not asked.",
        [
            _detail("account", "The account"),
            _detail("stopped", "LinkedIn has logged it out: connect it again", account=_LOGGED_OUT),
            UNKNOWN_ACCOUNT,
        ],
        parameters=(_IN_PATH,),
    ),
    Operation(
        "PATCH",
        "/v1/accounts/{accountId}",
        "changeAccount",
        "Change an account",
        "Its daily limit, whether it may send, whether it is the default one, and its own rules of pacing.",
        [
            _detail("changed", "The account as it is now", account=replace(ANNA, daily_limit=80)),
            Example(
                "dailyLimit",
                "The limit is out of its range",
                errors.InvalidField("dailyLimit", f"must be from 0 to {MESSAGES_PER_DAY_CEILING}"),
            ),
            UNKNOWN_ACCOUNT,
        ],
        parameters=(_IN_PATH,),
        request=_CHANGE_REQUEST,
        body={"dailyLimit": 80},
    ),
    Operation(
        "POST",
        "/v1/accounts/{accountId}/check",
        "checkAccount",
        "Check an account's session",
        "Asks LinkedIn, once, whether the session lives. A dead one is noted: the account's status becomes `ERROR`. An "
        "account that LinkedIn throttles rests, and is not asked about.",
        [
            _checked("alive", "LinkedIn takes the session", ANNA, None, alive=True),
            _checked(
                "dead",
                "LinkedIn does not: connect the account again",
                _LOGGED_OUT,
                "LinkedIn asked to log in",
                alive=False,
            ),
            _checked(
                "throttled",
                "LinkedIn throttles the account",
                replace(ANNA, hold_until=NOW.replace(hour=10)),
                "LinkedIn throttles this account",
                alive=None,
            ),
            UNKNOWN_ACCOUNT,
        ],
        parameters=(_IN_PATH,),
    ),
    Operation(
        "POST",
        "/v1/accounts/{accountId}/release-hold",
        "releaseHold",
        "Release an account's hold",
        "Ends the rest of an account that LinkedIn throttled, before its time. An account that goes on while it is "
        "throttled may be restricted or closed by LinkedIn.",
        [_detail("released", "The account as it is now"), UNKNOWN_ACCOUNT],
        parameters=(_IN_PATH,),
    ),
    Operation(
        "DELETE",
        "/v1/accounts/{accountId}/session",
        "disconnectAccount",
        "Disconnect an account",
        "Erases the account's cookies; the account and its sends stay. LinkedIn still counts the browser as logged in: "
        "log out there to end the session for good.",
        [Example("disconnected", "The session is erased", Answer(204, None)), UNKNOWN_ACCOUNT],
        parameters=(_IN_PATH,),
    ),
)
