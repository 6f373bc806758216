"""Who is let into the console, under which address, and which forms count; on both stores."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from confrere.access.attempts import FREE_ATTEMPTS_OF_ADDRESS, FREE_ATTEMPTS_OF_NAME
from confrere.console.errors import explain
from confrere.console.origins import Origins
from confrere.console.page import Page
from confrere.console.routes import ROUTES
from confrere.domain import errors
from confrere.domain.users import SESSION_IDLE, Rights, Role
from tests.contract.console.conftest import HTTPS, PASSWORD, Console
from tests.unit.api.test_error_tables import ERRORS

NOT_FROM_A_PAGE: tuple[Mapping[str, str], ...] = (
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1:1"},
)


async def test_a_person_enters_by_the_link_then_by_password(console: Console) -> None:
    """A link leads to name and password, then to the overview, and works once; from then on the password does."""
    browser, path = console.browser(), await console.link()
    assert "Welcome to Confrere" in (await browser.get(path)).text
    fields = {"token": path.partition("=")[2], "name": "Odile", "password": PASSWORD}
    entered = await browser.post("/console/enter", fields)
    assert (entered.status, entered.headers["Location"]) == (303, "/console")
    assert "Odile" in (await browser.get("/console")).text
    other = console.browser()
    await other.get("/console/login")
    for again in (await other.get(path), await other.post("/console/enter", fields)):
        assert again.status == 410
        assert "no longer works" in again.text
    assert (await other.log_in("odile")).headers["Location"] == "/console"
    assert (await other.get("/console")).status == 200


async def test_a_bad_choice_keeps_the_link(console: Console) -> None:
    """A short password, or a name that another user has, is explained; what was typed stays, and so does the link."""
    await console.user("Odile")
    browser, path = console.browser(), await console.link()
    await browser.get(path)
    token = path.partition("=")[2]
    for name, password, words in (
        ("Odette", "short", "password must be 10 to 500"),
        ("odile", PASSWORD, "name must be another"),
        ("\u202egnp.exe", PASSWORD, "without control characters"),
        ("Odette long", "odette long", "must not be the name"),
    ):
        reply = await browser.post("/console/enter", {"token": token, "name": name, "password": password})
        assert reply.status == 422
        assert words in reply.text
        assert 'aria-invalid="true"' in reply.text
    good = await browser.post("/console/enter", {"token": token, "name": "Odette", "password": PASSWORD})
    assert good.status == 303


async def test_logout_is_final(console: Console) -> None:
    """After a logout the former cookie opens nothing."""
    browser = await console.user()
    await browser.get("/console")
    before = dict(browser.cookies)
    assert (await browser.post("/console/logout")).headers["Location"] == "/console/login"
    browser.cookies = before
    reply = await browser.get("/console")
    assert (reply.status, reply.headers["Location"]) == (303, "/console/login")


async def test_wrong_logins_are_refused_alike_and_slowed(console: Console) -> None:
    """A wrong password and an unknown name get the same page; after some attempts the page says how long to wait."""
    await console.user()
    for name in ("Odile", "Nobody"):
        browser, pages = console.browser(), set()
        for _ in range(FREE_ATTEMPTS_OF_NAME):
            reply = await browser.log_in(name, "a wrong password")
            assert reply.status == 401
            pages.add(reply.text.replace(name, "").replace(browser.token, ""))
        assert len(pages) == 1
        slowed = await browser.log_in(name)
        assert slowed.status == 429
        assert f"Wait {slowed.headers['Retry-After']} s" in slowed.text
    console.pass_time(timedelta(seconds=2))
    assert (await console.browser().log_in("Odile")).status == 303


async def test_a_proxy_names_the_address_that_is_slowed(console: Console) -> None:
    """Behind a proxy the client that guesses is slowed, not everybody behind it."""
    browser = console.browser()
    await browser.get("/console/login")
    headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": "spoofed, 203.0.113.9"}
    statuses = [
        (await browser.post("/console/login", {"name": f"name {number}", "password": "wrong"}, headers=headers)).status
        for number in range(FREE_ATTEMPTS_OF_ADDRESS + 1)
    ]
    assert statuses == [401] * FREE_ATTEMPTS_OF_ADDRESS + [429]
    assert (await console.browser().log_in("yet another")).status == 401


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "10.0.0.7:8080",
        "confrere.example:80",
        "",
        "[::2]",
        "a b",
    ],
)
async def test_other_addresses_are_refused(console: Console, host: str) -> None:
    """Under a name that is not configured there is no form, no redirect and no cookie, but the setting that helps."""
    for path in ("/console", "/console/login", await console.link(), "/console/nothing"):
        reply = await console.browser(host).get(path)
        if host == "" and reply.status == 400:
            continue
        assert reply.status == 421
        assert "CONFRERE_CONSOLE_ORIGINS=https://confrere.example" in reply.text
        assert ("https://evil.example" in reply.text) == (host == "evil.example")
        assert "<form" not in reply.text
        assert "Location" not in reply.headers


async def test_a_page_in_clear_text_is_explained(console: Console) -> None:
    """Where a proxy passes on what came on plain HTTP, the page says so and leads to HTTPS; nothing is asked for."""
    browser = console.browser("confrere.example", HTTPS)
    in_clear = {"Sec-Fetch-Site": "same-origin", "Origin": "http://confrere.example"}
    for reply in (
        await browser.get("/console/login", {"X-Forwarded-Proto": "http"}),
        await browser.post("/console/login", {"name": "Odile", "password": PASSWORD}, headers=in_clear),
    ):
        assert reply.status == 421
        assert 'href="https://confrere.example/console"' in reply.text
        assert "<form" not in reply.text
        assert PASSWORD not in reply.text
    assert (await browser.get("/console/login", {"X-Forwarded-Proto": "https"})).status == 200
    behind_two = {"X-Forwarded-Proto": "http", "Sec-Fetch-Site": "none"}  # the first has the certificate
    assert (await browser.get("/console/login", behind_two)).status == 200
    assert (await console.browser().get("/console/login", {"X-Forwarded-Proto": "http"})).status == 200


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1"])
async def test_loopback_names_are_known(console: Console, host: str) -> None:
    """A tunnel or a mapped port changes the port, not the name."""
    assert (await console.browser(host).get("/console/login")).status == 200


async def test_cookies_on_https_are_bound_to_it(console: Console) -> None:
    """At a configured address cookies are Secure and bound to the host; at a loopback address they cannot be."""
    await console.user()
    for browser, is_secure in ((console.browser("confrere.example", HTTPS), True), (console.browser(), False)):
        reply = await browser.log_in("Odile")
        assert reply.status == 303
        cookie = reply.headers["Set-Cookie"]
        assert cookie.startswith("__Host-confrere-") == is_secure
        assert ("; Secure" in cookie) == is_secure
        assert "; HttpOnly; SameSite=Lax" in cookie
        assert "; Path=/" in cookie
        assert "Domain" not in cookie
        assert (await browser.get("/console")).status == 200


@pytest.mark.parametrize("headers", NOT_FROM_A_PAGE)
async def test_forms_of_other_pages_do_nothing(console: Console, headers: Mapping[str, str]) -> None:
    """A form that no page of the console has sent is refused, with the right token too."""
    browser = await console.user()
    await browser.get("/console")
    path = f"/console/accounts/{console.account.id}/disconnect"
    assert (await browser.post(path, headers=headers)).status == 403
    assert (await console.services.accounts.read("default", None)).has_session


@pytest.mark.parametrize("token", ["", "0" * 64, "é", "\udcff"])
async def test_forms_without_their_token_do_nothing(console: Console, token: str) -> None:
    """Each form needs the token of its browser, that of the login too; another browser's is none."""
    browser, other = await console.user("Odile"), await console.user("Odette")
    await other.get("/console")
    for wrong in (token.encode("utf-8", "replace").decode(), other.token):
        for path in ("/console/logout", "/console/login", f"/console/accounts/{console.account.id}/disconnect"):
            assert (await browser.post(path, token=wrong)).status == 403
    assert (await browser.get("/console")).status == 200


async def test_older_browsers_can_send_forms(console: Console) -> None:
    """A browser that says only the origin of its page is enough."""
    await console.user()
    browser = console.browser()
    await browser.get("/console/login")
    fields = {"name": "Odile", "password": PASSWORD}
    assert (await browser.post("/console/login", fields, headers={"Origin": console.url})).status == 303


async def test_a_session_that_ends_loses_nothing(console: Console) -> None:
    """A page leads to the login and back; a form is not carried out, and can be sent again after the login."""
    browser = await console.user()
    await browser.get("/console/accounts")
    token = browser.token
    console.pass_time(SESSION_IDLE + timedelta(seconds=1))
    asked = await browser.get("/console/sends?outcome=unknown&account=a")
    assert (asked.status, asked.headers["Location"]) == (
        303,
        "/console/login?next=/console/sends%3Foutcome%3Dunknown%26account%3Da",
    )
    path = f"/console/accounts/{console.account.id}/disconnect"
    ended = await browser.post(path, token=token)
    assert ended.status == 401
    assert "nothing that you typed is lost" in ended.text
    assert (await console.services.accounts.read("default", None)).has_session
    await browser.get(asked.headers["Location"])
    fields = {"name": "Odile", "password": PASSWORD, "next": "/console/sends?outcome=unknown&account=a"}
    back = await browser.post("/console/login", fields)
    assert back.headers["Location"] == "/console/sends?outcome=unknown&account=a"
    assert (await browser.post(path, token=token)).status == 303


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/console/../docs\r\nX: y", "/docs", "/consolex"],
)
async def test_the_login_leads_to_pages_of_ours_only(console: Console, target: str) -> None:
    """Where a link names another page for after the login, the overview comes in its place."""
    await console.user()
    browser = console.browser()
    await browser.get("/console/login")
    reply = await browser.post("/console/login", {"name": "Odile", "password": PASSWORD, "next": target})
    assert (reply.status, reply.headers["Location"]) == (303, "/console")


async def test_polls_do_not_keep_a_session(console: Console) -> None:
    """An overview that is left open ends its session by idleness; the page is then told to load anew."""
    browser = await console.user()
    for _ in range(3):
        console.pass_time(SESSION_IDLE / 4)
        assert (await browser.get("/console", {"HX-Trigger": "live"})).status == 200
    console.pass_time(SESSION_IDLE / 4)
    reply = await browser.get("/console", {"HX-Trigger": "live"})
    assert (reply.status, reply.headers["HX-Refresh"], reply.text) == (200, "true", "")


async def test_a_role_does_what_it_may(console: Console) -> None:
    """Acts that a role does not include are not offered, and refused with the role's name where they are tried."""
    path = f"/console/accounts/{console.account.id}"
    for role in Role:
        browser = await console.user(f"the {role}", Rights(role))
        reply = await browser.get(path)
        assert reply.status == 200
        assert ("Check the session" in reply.text) == (role is Role.OWNER)
        tried = await browser.post(f"{path}/check")
        assert tried.status == (303 if role is Role.OWNER else 403)
        assert (str(role) in tried.text) == (role is not Role.OWNER)


async def test_other_accounts_do_not_exist(console: Console) -> None:
    """A user of some accounts sees nothing of the others: no name, no send, no act."""
    fenced = await console.user("Fenced", Rights(Role.OWNER, accounts=frozenset({"0" * 24})))
    account = console.account
    for path in ("/console", "/console/accounts", "/console/sends"):
        reply = await fenced.get(path)
        assert reply.status == 200
        assert account.id not in reply.text
        assert account.last_name not in reply.text
    assert (await fenced.get(f"/console/accounts/{account.id}")).status == 404
    assert (await fenced.post(f"/console/accounts/{account.id}/disconnect")).status == 404
    assert (await fenced.get(f"/console/sends?account={account.id}")).status == 422


async def test_only_owners_manage_users(console: Console) -> None:
    """Pages of users and of the log are for owners; a role or an account that there is not is refused."""
    for role in (Role.VIEWER, Role.WRITER, Role.APPROVER):
        browser = await console.user(f"the {role}", Rights(role, inbox=True))
        assert [(await browser.get(f"/console/{page}")).status for page in ("users", "audit")] == [403, 403]
        for act in ("invite", "reset", "disable"):
            assert (await browser.post(f"/console/users/{act}", {"role": "owner", "name": "the viewer"})).status == 403
    owner = await console.user("Odile")
    for fields, field in (
        ({"role": "admin"}, "role"),
        ({}, "role"),
        ({"role": "viewer", "account": "0" * 24}, "account"),
        ({"role": "owner", "account": console.account.id}, "account"),
    ):
        reply = await owner.post("/console/users/invite", fields)
        assert reply.status == 422
        assert f"{field} must" in reply.text
    made = await owner.post("/console/users/invite", {"role": "writer", "account": console.account.id, "inbox": "yes"})
    token = made.text.partition("/console/enter?token=")[2].partition("<")[0]
    found = await console.services.logins.find_invite(token)
    assert found is not None
    assert found[0].rights == Rights(Role.WRITER, inbox=True, accounts=frozenset({console.account.id}))
    assert (await owner.post("/console/users/reset", {"name": "Nobody"})).status == 404


async def test_pages_are_kept_by_nobody(console: Console) -> None:
    """No page is cached, framed, or runs anything inline; nothing secret is in an address or a page."""
    browser = await console.user()
    for route in ROUTES:
        if route.method == "GET" and "{" not in route.path:
            reply = await browser.get(route.path)
            assert reply.headers["Cache-Control"] == "no-store"
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            policy = reply.headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert " style=" not in reply.text
            assert not any(cookie in reply.text for cookie in browser.cookies.values())


async def test_unknown_pages_and_methods_are_pages(console: Console) -> None:
    """What is not there is said by a page, with a way on."""
    browser = await console.user()
    for path, status in (
        ("/console/nothing", 404),
        ("/console/accounts/x", 404),
        ("/console/sends/x", 404),
        ("/console/logout", 405),
    ):
        reply = await browser.get(path)
        assert reply.status == status
        assert 'href="/console"' in reply.text
    assert (await browser.get("/consolex")).headers["Content-Type"] == "application/json"


async def test_assets_are_cached_and_nothing_else_is_served(console: Console) -> None:
    """Files have a hash in their address and are immutable; licences and lists are no assets."""
    browser = console.browser()
    page = (await browser.get("/console/login")).text
    base = page.partition('/console.css"')[0].rpartition('"')[2]
    for name in ("console.css", "tokens.css", "console.js", "htmx.min.js", "icon.svg"):
        reply = await browser.get(f"{base}/{name}")
        assert (reply.status, reply.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
    for name in ("htmx.LICENSE", "vendor.json", "../gate.py", "%2e%2e/gate.py"):
        assert (await browser.get(f"{base}/{name}")).status in (303, 404)


async def test_any_form_gets_an_answer(console: Console) -> None:
    """Bodies that are no form, too long, or of strange bytes are refused without a fault of the server."""
    browser = await console.user()
    await browser.get("/console")
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    head = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    token = f"form_token={browser.token}&".encode()
    bodies = (
        b"",
        b"%00=%00",
        token + b"name=%ff%fe",
        token + b"name=%00",
        token * 200,
        b"\xff\xfe",
        b"=" * 70_000,
        b'{"a":1}',
    )
    for route in ROUTES:
        if route.method == "POST":
            path = route.path.replace("{account_id}", console.account.id)
            for body in bodies:
                async with console.http.post(path, data=body, headers=head, allow_redirects=False) as answer:
                    assert answer.status in (303, 403, 404, 410, 413, 422), (path, body[:20])


@pytest.mark.parametrize("error", ERRORS.values(), ids=lambda error: type(error).__name__)
def test_every_error_is_explained(error: errors.ConfrereError) -> None:
    """Every error of ours has a page with a status of its own."""
    shown: list[Any] = []
    page = cast("Page", SimpleNamespace(render_error=lambda *values: shown.extend(values)))
    explain(page, error)
    status, text, _headers = shown
    assert 400 <= status < 600
    assert text.endswith((".", "!", "?"))


@pytest.mark.parametrize(
    "wrong",
    [
        "confrere.example",
        "http://confrere.example",
        "https://",
        "https://a/b",
        "https://a?b",
        "https://a b",
        "https://u@a",
    ],
)
def test_a_wrong_setting_is_named(wrong: str) -> None:
    """An address that cannot be one of the console stops the start, with the setting's name and an example."""
    with pytest.raises(
        ValueError, match=r"CONFRERE_CONSOLE_ORIGINS must list addresses such as https://confrere\.example"
    ):
        Origins([wrong])


def test_a_server_without_the_console_open_has_none_of_it() -> None:
    """Starting a server imports neither templates nor what logins need: they wait for the first page."""
    code = (
        "import sys, confrere.wiring.runtime, confrere.console.app, confrere.api, confrere.mcp; "
        "print(sorted({'jinja2', 'argon2', 'authlib', 'joserfc', 'segno', 'confrere.console.gate'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
