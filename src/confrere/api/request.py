"""A request to one of the APIs: the account that it names, the connection of its caller, the quota to report."""

from collections.abc import Callable, Sequence
from functools import partial

from starlette.types import Receive, Scope

from confrere.domain.audit import Actor, ActorKind
from confrere.domain.errors import InvalidField
from confrere.domain.ids import parse_account_id
from confrere.domain.keys import Caller
from confrere.domain.limits import Action, Quota
from confrere.http.disconnects import disconnect_watch_of
from confrere.http.request import Request
from confrere.http.timeouts import Timeouts
from confrere.sending import CallerConnection

ONE_ACCOUNT = "must not name another account than accountId does, or the default one; give accountId alone"


class ApiRequest(Request):
    """What a handler reads, and what it leaves for the headers and the log.

    action:               what the path spends: the quota of the rate limit headers.
    caller:               set once the request is authenticated; handlers are given it.
    connection:           of the caller, for sends.
    quota:                the account's quota to report, where the answer has none.
    account_id:           the account that was read from the request; None for the default one.
    account_is_known:     whether it was read; until then no account's quota may be reported.
    accounts_elsewhere:   where a header, or a query beside a body, names an account: its name and the account's id.
    default_account_id:   read only where an account is named elsewhere.
    route:                the path's template, for logs and metrics; "none" until one matched.
    """

    __slots__ = (
        "account_id",
        "account_is_known",
        "accounts_elsewhere",
        "action",
        "caller",
        "connection",
        "default_account_id",
        "quota",
        "route",
    )

    def __init__(self, scope: Scope, receive: Receive, timeouts: Timeouts) -> None:
        super().__init__(scope, receive, timeouts)
        self.action = Action.MESSAGE
        self.caller: Caller | None = None
        self.connection = CallerConnection()
        self.quota: Quota | None = None
        self.account_id: str | None = None
        self.account_is_known = False
        self.accounts_elsewhere: Sequence[tuple[str, str]] = ()
        self.default_account_id: str | None = None
        self.route = "none"

    def actor(self) -> Actor:
        """Return who acts, for the audit log."""
        assert self.caller is not None
        return Actor(ActorKind.KEY, self.caller.key_id, self.address, self.request_id)

    def parse_account(self, value: object) -> str | None:
        """Return the account that `value`, of the body or the query, names; None for the default one.

        Raises InvalidField, also where the request names another account elsewhere: the wrong one would be used.
        """
        return self.use_account(parse_account_id(value))

    def use_account(self, account_id: str | None) -> str | None:
        """Set `account_id` and return it. Raises InvalidField where a header or the query names another account."""
        for name, other_id in self.accounts_elsewhere:
            if other_id != (account_id or self.default_account_id):
                raise InvalidField(name, ONE_ACCOUNT)
            account_id = other_id
        self.account_id, self.account_is_known = account_id, True
        return account_id

    def watch_caller(self, on_end: Callable[[CallerConnection], None]) -> None:
        """Call `on_end` if the caller disconnects before the answer is written. Only after the body was read."""
        if (disconnects := disconnect_watch_of(self.scope)) is not None:
            self.connection.poll = disconnects.poll
        self.watch(partial(on_end, self.connection))


def accounts_elsewhere(request: ApiRequest) -> Sequence[tuple[str, str]]:
    """Return the accounts named where no handler reads one, each by name and id. Raises InvalidField."""
    places = dict[str, str | None]()
    if b"x-account-id" in request.headers:
        places["X-Account-Id"] = request.headers[b"x-account-id"].decode("latin-1")
    if request.method in ("POST", "PUT", "PATCH"):
        places["accountId in the query"] = request.query.text("accountId")
    parsed = ((name, parse_account_id(text, field=name)) for name, text in places.items())
    return [(name, account_id) for name, account_id in parsed if account_id is not None]
