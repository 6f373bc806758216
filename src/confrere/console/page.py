"""One request for a page: who asks, what their form holds, and how the answer is rendered."""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import cookie_parser
from starlette.types import Receive, Scope

from confrere.console.cookies import CookieNames, form_token
from confrere.console.navigation import visible_places
from confrere.console.templates import Templates
from confrere.domain.account import Account
from confrere.domain.audit import Actor, ActorKind
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import parse_account_id
from confrere.domain.users import User, new_token
from confrere.http.answer import Answer, Headers
from confrere.http.request import Request
from confrere.http.timeouts import Timeouts

MAX_FORM_BYTES: Final = 64 * 1024
MAX_FIELDS: Final = 100
MAX_BROWSER: Final = 300
FORM_TOKEN_FIELD: Final = "form_token"  # noqa: S105 - a name
LIVE_ELEMENT: Final = b"live"
"""The id of the element that polls: its requests are no use of the session."""


class Page(Request):
    """One request.

    origin:       the address at which the browser reaches the console.
    workspace_id: the one that users log in to.
    """

    __slots__ = (
        "_fields",
        "_templates",
        "cookies",
        "form",
        "form_secret",
        "new_cookies",
        "origin",
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
    ) -> None:
        super().__init__(scope, receive, timeouts)
        self._templates = templates
        self.origin = origin
        self.workspace_id = workspace_id
        self.user: User | None = None
        self.form: Mapping[str, str] = {}
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
    def is_live(self) -> bool:
        """Whether an element of the page keeps itself up to date by this request."""
        return self.headers.get(b"hx-trigger") == LIVE_ELEMENT

    @property
    def address(self) -> str:
        """The client's address, to log and to slow logins; that which a proxy of this machine or network has added."""
        client = (self.scope.get("client") or ("",))[0]
        forwarded = self.headers.get(b"x-forwarded-for", b"").decode("latin-1").rpartition(",")[2].strip()
        return forwarded if forwarded and _is_near(client) else client

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

    async def read_form(self) -> None:
        """Read the fields. Raises InvalidField and what `body` raises."""
        body = await self.body(max_bytes=MAX_FORM_BYTES)
        try:
            fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
        except ValueError as fault:
            raise InvalidField("The form", "must be sent by a page of the console") from fault
        if any("\0" in value for _, value in fields):
            raise InvalidField("The form", "must not have NUL characters in it")
        self.form, self._fields = dict(fields), fields

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

    def visible(self, accounts: Iterable[Account]) -> list[Account]:
        """Return those of the accounts that the user sees."""
        return [account for account in accounts if self.may_see(account.id)]

    def render(self, template: str, /, *, status: int = 200, headers: Headers = (), **values: Any) -> Answer:
        """Answer with a page."""
        user = self.user
        content = self._templates.render(
            template,
            {
                "path": self.scope["path"],
                "user": user,
                "may": user.rights.may if user else lambda _scope: False,
                "navigation": visible_places(user.rights) if user else (),
                "form_token": form_token(self.form_secret),
                **values,
            },
        )
        return Answer(status, content, headers=headers, media_type="text/html; charset=utf-8")


def _is_near(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


def redirect(path: str, *headers: tuple[bytes, bytes]) -> Answer:
    """Answer that the browser goes on with a GET of this path."""
    return Answer(303, None, headers=((b"location", path.encode()), *headers), media_type="text/plain")
