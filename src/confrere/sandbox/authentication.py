"""Authentication, which precedes every handler: session, user agent, csrf token, protocol version."""

from typing import Final

from confrere.sandbox.answers import Answer, Refused, assumed, attested
from confrere.sandbox.faults import DELETE_COOKIE
from confrere.sandbox.request import Request
from confrere.sandbox.sandbox import Sandbox

NO_SESSION = attested("no-session", "no li_at, or a dead one and the switch `dead_session` is 401")
DEAD_SESSION = attested("dead-session", "the session is expired, killed or unknown: a redirect to the same URL")
CSRF = attested("csrf-failed", "the csrf-token header is not the JSESSIONID cookie without its quotes")
NO_PROTOCOL = assumed("no-restli-protocol", "x-restli-protocol-version is missing or not 2.0.0")

_PROTOCOL: Final = b"2.0.0"


def identify(sandbox: Sandbox, request: Request) -> None:
    """Set the request's account and member from its cookies, whether the session is alive or not."""
    presented = sandbox.sessions.read_cookies(request.headers.get(b"cookie", b""))
    if presented.account is not None:
        request.account = presented.account
        request.member = sandbox.world.account_number(presented.account)


def check_session(sandbox: Sandbox, request: Request, *, restli: bool) -> None:
    """Check the session of a call. Raises Refused.

    Source: LinkedIn web client, attested, and so is the order; that the protocol version is checked is assumed.
    """
    sessions = sandbox.sessions
    presented = sessions.read_cookies(request.headers.get(b"cookie", b""))
    account, agent = presented.account, request.headers.get(b"user-agent", b"")
    if account is None or not sessions.is_alive(account, agent):
        raise Refused(_dead(sandbox, request, redirect=presented.has_token))
    if presented.csrf_token is None or request.headers.get(b"csrf-token") != presented.csrf_token:
        raise Refused(CSRF.raw(b"CSRF check failed.", b"text/plain", status=403))
    if restli and request.headers.get(b"x-restli-protocol-version") != _PROTOCOL:
        raise Refused(NO_PROTOCOL.error({"status": 400}, status=400, normalized=request.normalized))


def _dead(sandbox: Sandbox, request: Request, *, redirect: bool) -> Answer:
    if redirect and sandbox.people.switches.dead_session == "redirect":
        return DEAD_SESSION.raw(b"", None, status=302, headers=((b"location", request.url.encode()), DELETE_COOKIE))
    return NO_SESSION.error({"status": 401}, status=401, normalized=request.normalized)
