"""The pages that need no session, and the login of older clients."""

import html
from typing import Final
from urllib.parse import parse_qs

import msgspec

from confrere.sandbox.answers import Answer, assumed, attested
from confrere.sandbox.request import Request
from confrere.sandbox.sandbox import Sandbox

HOME = assumed("home-page", "the home page, with the two `meta` elements that older clients read")
LOGIN = assumed("login-page", "the login page and the challenge page: HTML for a human")
PRE_LOGIN = attested("pre-login-cookies", "`GET /uas/authenticate`: a JSESSIONID to log in with")
LOGGED_IN = attested("logged-in", "`POST /uas/authenticate`: the session's cookies")
NOT_LOGGED_IN = assumed("not-logged-in", "`POST /uas/authenticate` with a name that no account has: 401")

PASSWORD: Final = "sandbox"  # noqa: S105 - of invented accounts, on a loopback address
"""The password of every account; its user name is its publicIdentifier."""

_META: Final = '<meta name="{}" content="{}">'


def home(_: Sandbox, __: Request) -> Answer:
    """`/` and `/feed/`."""
    instance = msgspec.json.encode(
        {"applicationUrn": "urn:li:application:(voyager-web,voyager-web)", "version": "1.13.44852"}
    )
    metas = _META.format("applicationInstance", html.escape(instance.decode())) + _META.format(
        "clientPageInstanceId", "c2FuZGJveDAwMDAwMDAwMA=="
    )
    page = f"<!DOCTYPE html><html><head><title>LinkedIn</title>{metas}</head><body></body></html>"
    return HOME.raw(
        page.encode(), b"text/html; charset=utf-8", headers=(_session_cookie('"ajax:0000000000000000000"'),)
    )


def login(_: Sandbox, __: Request) -> Answer:
    """`/uas/login` and `/checkpoint/…`."""
    page = b"<!DOCTYPE html><html><head><title>LinkedIn Login</title></head><body><form></form></body></html>"
    return LOGIN.raw(page, b"text/html; charset=utf-8")


def pre_login(_: Sandbox, __: Request) -> Answer:
    """`GET /uas/authenticate`."""
    return PRE_LOGIN.json({"status": "success"}, headers=(_session_cookie('"ajax:0000000000000000000"'),))


def authenticate(sandbox: Sandbox, request: Request) -> Answer:
    """`POST /uas/authenticate`: return an account's cookies for its publicIdentifier and the password."""
    form = {name: values[-1] for name, values in parse_qs(request.body.decode("latin-1")).items()}
    number = sandbox.world.number_of_public_identifier(form.get("session_key", ""))
    account = None if number is None else sandbox.world.account_of(number)
    if account is None or form.get("session_password") != PASSWORD:
        return NOT_LOGGED_IN.json({"login_result": "BAD_PASSWORD"}, status=401)
    cookies = [
        (b"set-cookie", f"{name}={value}; Path=/".encode()) for name, value in sandbox.sessions.cookies(account).items()
    ]
    return LOGGED_IN.json({"login_result": "PASS"}, headers=cookies)


def _session_cookie(value: str) -> tuple[bytes, bytes]:
    return b"set-cookie", f"JSESSIONID={value}; Path=/".encode()
