"""One request for a page: who asks, what their form holds, and how the answer is rendered."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl
from zoneinfo import available_timezones

from starlette.datastructures import Headers as StarletteHeaders
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import cookie_parser
from starlette.types import Receive, Scope

from confrere.console.cookies import CookieNames, form_token
from confrere.console.navigation import visible_places
from confrere.console.origins import PATH
from confrere.console.templates import UTC_ZONE, Templates
from confrere.demo.sandbox_control import SandboxControl
from confrere.domain.account import Account
from confrere.domain.audit import Actor, ActorKind
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import is_record_id, parse_account_id
from confrere.domain.users import User, new_token
from confrere.http.answer import Answer, Headers
from confrere.http.request import Request
from confrere.http.timeouts import Timeouts

MAX_FORM_BYTES: Final = 64 * 1024
MAX_TEXT_FORM_BYTES: Final = 512 * 1024
"""Of a form with a template of 20,000 characters, each of which may take nine bytes, and the text as it was before."""

MAX_TABLE_FORM_BYTES: Final = 8 * 1024 * 1024
"""Of a form with a table of people, about 50,000 rows."""

TABLE_SECONDS: Final = 60.0
MAX_FIELDS: Final = 100
MAX_BROWSER: Final = 300
FORM_TOKEN_FIELD: Final = "form_token"  # noqa: S105 - a name
THEMES: Final = ("light", "dark")
LIVE_ELEMENT: Final = b"live"
"""How the id of an element begins that polls: its requests are no use of the session."""


class Page(Request):
    """One request.

    origin:       the address at which the browser reaches the console.
    workspace_id: the one that users log in to.
    sandbox:      its control; None on the real LinkedIn.
    """

    __slots__ = (
        "_fields",
        "_templates",
        "cookies",
        "files",
        "form",
        "form_secret",
        "new_cookies",
        "origin",
        "sandbox",
        "user",
        "workspace_id",
    )

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        timeouts: Timeouts,
        *,
        templates: Templates,
        workspace_id: str,
        origin: str,
        sandbox: SandboxControl | None = None,
    ) -> None:
        super().__init__(scope, receive, timeouts)
        self._templates = templates
        self.origin = origin
        self.workspace_id = workspace_id
        self.sandbox = sandbox
        self.user: User | None = None
        self.form: Mapping[str, str] = {}
        self.files: Mapping[str, bytes] = {}
        self._fields: Sequence[tuple[str, str]] = ()
        self.cookies = cookie_parser(self.headers.get(b"cookie", b"").decode("latin-1"))
        self.new_cookies: list[tuple[bytes, bytes]] = []
        names = self.cookie_names
        self.form_secret = self.cookies.get(names.form, "")
        if not self.form_secret:
            self.form_secret = new_token()
            self.new_cookies.append(names.keep_form(self.form_secret))

    @property
    def cookie_names(self) -> CookieNames:
        """The names of the cookies at this origin."""
        return CookieNames.at(self.origin)

    @property
    def session_token(self) -> str:
        """The token of the session; "" where there is none."""
        return self.cookies.get(self.cookie_names.session, "")

    @property
    def theme(self) -> str:
        """The theme that the browser has chosen, `light` or `dark`; "" where it is as the system is."""
        theme = self.cookies.get(self.cookie_names.theme, "")
        return theme if theme in THEMES else ""

    @property
    def zone(self) -> str:
        """The zone that the browser has chosen for times; UTC otherwise."""
        zone = self.cookies.get(self.cookie_names.zone, "")
        return zone if zone in zones() else UTC_ZONE

    @property
    def address_in_console(self) -> str:
        """Path and query of a page, to come back to it; of an answer to a form, the overview's."""
        query = self.scope["query_string"].decode("latin-1")
        path = self.scope["path"] if self.method == "GET" else PATH
        return f"{path}?{query}" if self.method == "GET" and query and "done=" not in query else path

    @property
    def is_live(self) -> bool:
        """Whether an element of the page keeps itself up to date by this request."""
        return self.headers.get(b"hx-trigger", b"").startswith(LIVE_ELEMENT)

    @property
    def browser(self) -> str:
        """The User-Agent."""
        return self.headers.get(b"user-agent", b"").decode("latin-1")[:MAX_BROWSER]

    @property
    def actor(self) -> Actor:
        """Who acts, for the audit log."""
        if self.user is None:
            return Actor(ActorKind.NOBODY, None, self.address, self.request_id)
        return Actor(ActorKind.USER, self.user.id, self.address, self.request_id)

    def require_sandbox(self) -> SandboxControl:
        """Return the sandbox's control. Raises NotFound on the real LinkedIn."""
        if self.sandbox is None:
            raise NotFound("This page exists in the sandbox only")
        return self.sandbox

    async def read_form(self, max_bytes: int = MAX_FORM_BYTES) -> None:
        """Read fields and files. Raises InvalidField and what `body` raises."""
        body = await self.body(max_bytes=max_bytes, seconds=TABLE_SECONDS if max_bytes > MAX_TEXT_FORM_BYTES else None)
        if self.headers.get(b"content-type", b"").startswith(b"multipart/form-data"):
            await self._read_parts(body)
            return
        try:
            fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
        except ValueError as fault:
            raise InvalidField("The form", "must be sent by a page of the console") from fault
        self._keep(fields)

    async def _read_parts(self, body: bytes) -> None:
        async def whole() -> AsyncGenerator[bytes, None]:
            yield body

        parser = MultiPartParser(
            StarletteHeaders(raw=self.scope["headers"]),
            whole(),
            max_files=1,
            max_fields=MAX_FIELDS,
            max_part_size=len(body),
        )
        try:
            form = await parser.parse()
        except (MultiPartException, ValueError, KeyError) as fault:
            raise InvalidField("The form", "must be sent by a page of the console") from fault
        parts = form.multi_items()
        self.files = {name: await part.read() for name, part in parts if isinstance(part, UploadFile)}
        await form.close()
        self._keep([(name, part) for name, part in parts if isinstance(part, str)])

    def _keep(self, fields: Sequence[tuple[str, str]]) -> None:
        if any("\0" in value for _, value in fields):
            raise InvalidField("The form", "must not have NUL characters in it")
        self.form, self._fields = dict(fields), fields

    def written(self, name: str) -> str:
        """Return what was written into a text area, with the line ends that messages have."""
        return self.form.get(name, "").replace("\r\n", "\n")

    def record_id(self, name: str, what: str) -> str:
        """Return the id of a record in the path. Raises NotFound where its form is that of none."""
        value = self.path_params[name]
        if not is_record_id(value):
            raise NotFound(f"There is no such {what} in this workspace")
        return value

    def record_cursor(self) -> str | None:
        """Return the id of the last record of the page before. Raises InvalidField."""
        before = self.query.text("before")
        if before is not None and not is_record_id(before):
            raise InvalidField("before", "must be that of a link to the next page")
        return before

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        """All fields of the form with their values, in order."""
        return self._fields

    def chosen(self, name: str) -> list[str]:
        """Return the values of the boxes of this name that are ticked."""
        return [value for field, value in self._fields if field == name]

    def account_id(self) -> str:
        """Return the account in the path, if the user sees it. Raises NotFound."""
        try:
            account_id = parse_account_id(self.path_params["account_id"])
        except InvalidField:
            account_id = None
        if account_id is None or not self.may_see(account_id):
            raise NotFound("There is no such account in this workspace")
        return account_id

    def may_see(self, account_id: str) -> bool:
        """Whether the account is one of the user's."""
        assert self.user is not None
        return self.user.rights.may_use(account_id)

    @property
    def runs_server(self) -> bool:
        """Whether the user is of the workspace whose owners run the server, and its sandbox."""
        return self.user is not None and self.user.workspace_id == self.workspace_id

    def visible(self, accounts: Iterable[Account]) -> list[Account]:
        """Return those of the accounts that the user sees."""
        return [account for account in accounts if self.may_see(account.id)]

    def render(
        self, template: str, /, *, status: int = 200, headers: Headers = (), zone: str | None = None, **values: Any
    ) -> Answer:
        """Answer with a page. zone: of its times; by default that which the browser has chosen."""
        user, zone = self.user, zone or self.zone
        content = self._templates.render(
            template,
            {
                "path": self.scope["path"],
                "user": user,
                "runs_server": self.runs_server,
                "may_see": user.rights.may_use if user else lambda _account_id: False,
                "may": user.rights.may if user else lambda _scope: False,
                "navigation": visible_places(user, self.workspace_id) if user else (),
                "form_token": form_token(self.form_secret),
                "theme": self.theme,
                "zone": zone,
                "here": self.address_in_console,
                "sandbox_member": "",
                **values,
            },
            zone,
        )
        return Answer(status, content, headers=headers, media_type="text/html; charset=utf-8")

    def render_error(self, status: int, text: str, headers: Headers = ()) -> Answer:
        """Answer with a page that has nothing but the reason."""
        heading = {403: "Not allowed", 404: "Not found"}.get(status, "This did not work")
        return self.render("error.html", status=status, headers=headers, heading=heading, text=text)


@cache
def zones() -> frozenset[str]:
    """Return the names of all time zones that a person may choose: UTC, and those of places."""
    names = {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")}
    return frozenset({UTC_ZONE, *names})


def redirect(path: str, *headers: tuple[bytes, bytes]) -> Answer:
    """Answer that the browser goes on with a GET of this path."""
    return Answer(303, None, headers=((b"location", path.encode()), *headers), media_type="text/plain")
