"""The gate: every request to the console gets its host, origin, session and rights checked here, and its headers."""

import hmac
import time
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote

import structlog
from starlette.types import Receive, Scope, Send

from confrere.console.cookies import form_token
from confrere.console.errors import explain
from confrere.console.origins import EXAMPLE, PATH, Origins
from confrere.console.page import FORM_TOKEN_FIELD, Page, redirect
from confrere.console.pages import resume
from confrere.console.route import PageRoute
from confrere.console.routes import ROUTES
from confrere.console.templates import ASSETS, Templates
from confrere.demo.sandbox_control import SandboxControl
from confrere.domain.audit import acting_as
from confrere.domain.errors import ConfrereError
from confrere.http.answer import Answer, Chunks, content_of
from confrere.http.assets import security_headers
from confrere.http.request import ClientDisconnected
from confrere.http.router import Router
from confrere.http.timeouts import ANSWER_SECONDS, Timeouts
from confrere.services import Services
from confrere.telemetry import metrics

log = structlog.get_logger()

_ASSET_PATH = f"{PATH}/assets/"
_HEADERS = [
    (name.lower().encode(), value.encode())
    for name, value in {
        **security_headers(form_action="self"),
        "Referrer-Policy": "same-origin",  # with no-referrer, browsers would send forms with `Origin: null`
        "Cache-Control": "no-store",
    }.items()
]


class ConsoleGate:
    """Turns every request under `/console` into a page."""

    def __init__(
        self,
        services: Services,
        *,
        workspace_id: str,
        origins: Origins,
        sandbox_url: str | None,
        sandbox_sessions: Sequence[tuple[str, str]],
    ) -> None:
        self._services = services
        self._workspace_id = workspace_id
        self._origins = origins
        provider = services.sign_in.host if services.sign_in else None
        self._templates = Templates(
            sandbox_url, sandbox_sessions, provider, takes_passwords=services.logins.takes_passwords
        )
        self._sandbox = SandboxControl(sandbox_url) if sandbox_url else None
        self._router: Router[PageRoute] = Router(ROUTES)
        self._timeouts = Timeouts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        started = time.perf_counter()
        if (asset := _read_asset(scope["path"])) is not None:
            await _write(asset, list(asset.headers), send)
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        origin = self._origins.find(host)
        page = Page(
            scope,
            receive,
            self._timeouts,
            templates=self._templates,
            workspace_id=self._workspace_id,
            origin=origin or "http://localhost",  # of a page without forms
            sandbox=self._sandbox,
        )
        structlog.contextvars.bind_contextvars(request_id=page.request_id)
        match = self._router.find(scope["path"])
        route = match.routes.get(page.method) if match else None
        try:
            if origin is None:
                answer = _wrong_address(page, self._origins, host)
            elif _is_clear_text(page):
                answer = page.render("clear_text.html", status=421, address=page.origin + PATH)
            elif match is None:
                answer = page.render_error(404, "There is no such page.")
            elif route is None:
                allow = ((b"allow", match.allow.encode()),)
                answer = page.render_error(405, "This page is not for that.", allow)
            else:
                page.path_params = match.path_params
                answer = await self._answer(page, route)
        except ClientDisconnected:
            return
        headers = [*_HEADERS, *answer.headers, *page.new_cookies, (b"x-request-id", page.request_id.encode())]
        if isinstance(answer.body, Chunks):
            await _stream(page, answer, answer.body, headers, send)
        else:
            await _write(answer, headers, send)
        name = route.path if route else PATH
        seconds = time.perf_counter() - started
        metrics.count_answer(name, answer.status, seconds)
        log.info("request", method=page.method, route=name, status=answer.status, milliseconds=round(seconds * 1000, 1))

    async def _answer(self, page: Page, route: PageRoute) -> Answer:
        """Answer in any case. Raises ClientDisconnected."""
        timeout = page.timeout = self._timeouts.limit(ANSWER_SECONDS)
        try:
            with timeout:
                return await self._handle(page, route)
        except ClientDisconnected:
            raise
        except ConfrereError as error:
            return explain(page, error)
        except Exception:  # a bug: the one place that answers it
            if timeout.expired:
                text = "There was no answer in time. Look at what has changed before you repeat it."
                return page.render_error(504, text)
            log.exception("internal_error", route=route.path)
            text = f"This is a fault of the server. Its log has more under {page.request_id}."
            return page.render_error(500, text)

    async def _handle(self, page: Page, route: PageRoute) -> Answer:
        """Check origin, form, session and rights, and call the handler. Raises ConfrereError."""
        if page.method == "POST":
            if not _is_same_origin(page):
                text = "This form was sent by another page. Open the console and try it there."
                return page.render_error(403, text)
            await page.read_form(route.max_form_bytes)
        if page.session_token:
            page.user = await self._services.logins.find(page.session_token, is_use=not page.is_live)
        if route.scope is not None and page.user is None:
            return _ask_to_log_in(page, route)
        if page.method == "POST" and not _has_token(page):
            text = "This form belongs to another browser session. Go back, reload the page and try again."
            return page.render_error(403, text)
        if route.scope is not None and page.user is not None and not page.user.rights.may(route.scope):
            text = f"Your role, {page.user.rights.role}, does not allow this. An owner can invite you with another one."
            return page.render_error(403, text)
        if route.is_of_server and not page.runs_server:
            text = "This page is about the server, and for those who run it."
            return page.render_error(403, text)
        with acting_as(page.actor):
            return await route.handler(page, self._services)


def _wrong_address(page: Page, origins: Origins, host: str) -> Answer:
    """Say what is wrong, and name the setting as it has to be for the address that was asked for."""
    wanted = origins.suggest(host)
    return page.render("wrong_address.html", status=421, host=host if wanted else None, setting=wanted or EXAMPLE)


def _is_clear_text(page: Page) -> bool:
    """Whether the browser reached a proxy on plain HTTP: no cookie of ours would come back from there.

    By what the browser says of a form's page, or the proxy of the connection; browsers send Sec-Fetch-Site on HTTPS
    only. It is used to explain, not to trust.
    """
    if not page.origin.startswith("https:"):
        return False
    in_clear = page.origin.replace("https:", "http:", 1).encode()
    by_proxy = page.headers.get(b"x-forwarded-proto") == b"http" and b"sec-fetch-site" not in page.headers
    return by_proxy or page.headers.get(b"origin") == in_clear


def _is_same_origin(page: Page) -> bool:
    """Whether a form was sent by a page of ours, by what the browser says of it."""
    site, origin = page.headers.get(b"sec-fetch-site"), page.headers.get(b"origin")
    if site is not None and site != b"same-origin":
        return False
    if origin is not None:
        return origin.decode("latin-1").lower() == page.origin
    return site is not None


def _has_token(page: Page) -> bool:
    sent = page.form.get(FORM_TOKEN_FIELD, "")
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), form_token(page.form_secret).encode())


def _ask_to_log_in(page: Page, route: PageRoute) -> Answer:
    """Lead to the login; where a form was sent, ask for the login right there, and keep what was typed."""
    if page.method == "POST":
        return resume.hold(page, is_kept=route.is_resumable)
    if page.is_live:  # htmx would put the login page into the element
        return Answer(200, None, headers=((b"hx-refresh", b"true"),), media_type="text/html")
    path, query = page.scope["path"], page.scope["query_string"].decode("latin-1")
    target = f"?next={quote(path + ('?' + query if query else ''), safe='/')}" if path != PATH else ""
    return redirect(f"{PATH}/login{target}")


def _read_asset(path: str) -> Answer | None:
    if not path.startswith(_ASSET_PATH):
        return None
    version, _, name = path.removeprefix(_ASSET_PATH).partition("/")
    return ASSETS.read(version, name)


async def _write(answer: Answer, headers: list[tuple[bytes, bytes]], send: Send) -> None:
    content = content_of(answer)
    fixed = [(b"content-type", answer.media_type.encode()), (b"content-length", b"%d" % len(content))]
    if answer.status == HTTPStatus.NO_CONTENT:
        fixed = []
    await send({"type": "http.response.start", "status": answer.status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": content})


async def _stream(page: Page, answer: Answer, chunks: Chunks, headers: list[tuple[bytes, bytes]], send: Send) -> None:
    """Write part by part, no faster than the browser reads, until the end or until it disconnects."""
    is_gone = False

    def end() -> None:
        nonlocal is_gone
        is_gone = True

    page.watch(end)
    fixed = [(b"content-type", answer.media_type.encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": [*fixed, *headers]})
    try:
        if page.method != "HEAD":
            async for part in chunks.parts:
                if is_gone:
                    return
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})
    except Exception:  # too late for a status: the browser sees that the end is missing
        log.exception("answer_incomplete", route=page.scope["path"])
    finally:
        page.stop_watching()
        await chunks.close()
