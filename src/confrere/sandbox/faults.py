"""Scripted faults: which requests fail, how, and how often. Never random."""

from typing import Any, Literal
from urllib.parse import unquote

import msgspec

from confrere.sandbox.answers import Answer, assumed, attested
from confrere.sandbox.request import Request

Effect = Literal[
    "status",
    "delay_seconds",
    "reset_before_read",
    "reset_after_accept",
    "hang_after_accept",
    "truncate",
    "html",
    "redirect_login",
    "delete_cookie",
    "challenge",
    "read_lag_seconds",
    "old_query_id",
    "set_cookie",
    "errors",
    "accept_then_status",
]

DELETE_COOKIE = (
    b"set-cookie",
    b'li_at="delete me"; Version=1; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly',
)

_STATUS = assumed("fault-status", "the fault `status` or `accept_then_status` determines the answer")
_HTML = attested("fault-html", "the fault `html`: an interstitial page with status 200")
_LOGIN = attested("fault-redirect-login", "the fault `redirect_login`: the session is dead")
_SAME_URL = attested("fault-delete-cookie", "the fault `delete_cookie`: the session is dead, the redirect loops")
_CHALLENGE = attested("fault-challenge", "the fault `challenge`: a human has to solve a security challenge")
_OLD_QUERY = assumed("fault-old-query-id", "the fault `old_query_id`: the read's queryId or decoration is old")
_ERRORS = attested("fault-errors", "the fault `errors`: a GraphQL read that failed behind its status 200")

_PAGE = b"<!DOCTYPE html><html><head><title>LinkedIn</title></head><body><main>One moment, please.</main></body></html>"


class Match(msgspec.Struct, forbid_unknown_fields=True):
    """The requests that a fault applies to; a field that is left out matches all."""

    path: str | None = None
    method: str | None = None
    account: str | None = None
    recipient: str | None = None


class Fault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One scripted fault. `times` counts down; with None it lasts until it is cleared."""

    effect: Effect
    match: Match = msgspec.field(default_factory=Match)
    times: int | None = 1
    status: int = 500
    body: Any = None
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    seconds: float | None = None
    name: str = "li_at"
    value: str = ""


_MODIFIERS = frozenset({"delay_seconds", "read_lag_seconds", "set_cookie"})
_NEEDS_SECONDS = frozenset({"delay_seconds", "read_lag_seconds"})


def check(fault: Fault) -> tuple[str, str] | None:
    """Return the invalid field of a fault and what it must be; None for a valid fault."""
    if fault.times is not None and fault.times < 1:
        return "times", "must be 1 or more, or null for until cleared"
    if not 200 <= fault.status <= 999:
        return "status", "must be 200 to 999"
    if fault.effect in _NEEDS_SECONDS and fault.seconds is None:
        return "seconds", f"is required for {fault.effect}"
    if fault.seconds is not None and fault.seconds < 0:
        return "seconds", "must be 0 or more"
    if fault.effect == "set_cookie" and not fault.value:
        return "value", "is required for set_cookie"
    return None


class Plan(msgspec.Struct):
    """The faults of one request: at most one of each modifying effect, and one that decides its answer."""

    delay_seconds: float = 0
    lag_seconds: float = 0
    cookie: Fault | None = None
    end: Fault | None = None


class Faults:
    """The scripted faults, in their order."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def plan(self, request: Request, *, account_names: frozenset[str], recipient_names: frozenset[str]) -> Plan:
        """Return the faults of this request, and count them down."""
        plan, used = Plan(), set[str]()
        for fault in list(self.waiting):
            kind = fault.effect if fault.effect in _MODIFIERS else "end"
            if kind in used or not _applies(fault, request, account_names, recipient_names):
                continue
            used.add(kind)
            self._use(fault)
            match fault.effect:
                case "delay_seconds":
                    plan.delay_seconds = fault.seconds or 0
                case "read_lag_seconds":
                    plan.lag_seconds = fault.seconds or 0
                case "set_cookie":
                    plan.cookie = fault
                case _:
                    plan.end = fault
        return plan

    def _use(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self.waiting = [other for other in self.waiting if other is not fault]


def _applies(fault: Fault, request: Request, account_names: frozenset[str], recipient_names: frozenset[str]) -> bool:
    wanted = fault.match
    if wanted.method is not None and wanted.method.upper() != request.method:
        return False
    if wanted.path is not None and wanted.path not in request.target and wanted.path not in unquote(request.target):
        return False
    if wanted.account is not None and wanted.account not in account_names:
        return False
    if wanted.recipient is not None and wanted.recipient not in recipient_names:
        return False
    if fault.effect == "read_lag_seconds":
        return "action=createMessage" in request.query
    return fault.effect != "old_query_id" or any(name in request.query for name in ("queryId=", "decorationId="))


def answer(fault: Fault, request: Request) -> Answer | None:
    """Return the fault's answer; None where the handler is to run."""
    match fault.effect:
        case "status":
            return scripted(fault)
        case "html":
            return _HTML.raw(_PAGE, b"text/html; charset=utf-8")
        case "redirect_login":
            login = (b"location", b"/uas/login?session_redirect=%2Fvoyager%2Fapi%2Fme")
            return _LOGIN.raw(b"", None, status=302, headers=(login, DELETE_COOKIE))
        case "delete_cookie":
            return _SAME_URL.raw(b"", None, status=302, headers=((b"location", request.url.encode()), DELETE_COOKIE))
        case "challenge":
            challenge = (b"location", b"/checkpoint/challenge/AgFsandbox0000?ut=0sandbox")
            return _CHALLENGE.raw(b"", None, status=302, headers=(challenge,))
        case "old_query_id":
            return _OLD_QUERY.error({"status": 400}, status=400, normalized=request.normalized)
        case "errors":
            return _ERRORS.json(_graphql_errors(fault, normalized=request.normalized))
        case _:
            return None


def scripted(fault: Fault) -> Answer:
    """Return an answer with the fault's own status, body and headers."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fault.headers.items()]
    own_type = any(name == b"content-type" for name, _ in headers)
    if isinstance(fault.body, str):
        body, kind = fault.body.encode(), b"text/plain; charset=utf-8"
    else:
        body, kind = (b"" if fault.body is None else msgspec.json.encode(fault.body)), b"application/json"
    return _STATUS.raw(body, None if own_type or not body else kind, status=fault.status, headers=headers)


def _graphql_errors(fault: Fault, *, normalized: bool) -> dict[str, Any]:
    error = {
        "message": "Exception while fetching data",
        "extensions": {
            "status": fault.status,
            "exceptionClass": "com.linkedin.restli.client.RestLiResponseException",
            "classification": "DataFetchingException",
        },
    }
    if normalized:
        return {"data": {"data": None, "errors": [error]}, "included": []}
    return {"data": None, "errors": [error]}
