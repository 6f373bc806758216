"""The routes of all pages."""

from collections.abc import Sequence
from typing import Final

from confrere.console.origins import PATH
from confrere.console.pages import (
    account,
    accounts,
    audit,
    enter,
    first_minute,
    login,
    overview,
    plug,
    sandbox,
    send,
    sends,
    users,
)
from confrere.console.route import PageRoute
from confrere.domain.keys import Scope

ROUTES: Final[Sequence[PageRoute]] = (
    PageRoute("GET", f"{PATH}/enter", None, enter.show),
    PageRoute("POST", f"{PATH}/enter", None, enter.accept),
    PageRoute("GET", f"{PATH}/login", None, login.show),
    PageRoute("POST", f"{PATH}/login", None, login.log_in),
    PageRoute("POST", f"{PATH}/logout", None, login.log_out),
    PageRoute("GET", PATH, Scope.READ, overview.show),
    PageRoute("GET", f"{PATH}/accounts", Scope.READ, accounts.show),
    PageRoute("GET", f"{PATH}/accounts/{{account_id}}", Scope.READ, account.show),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/check", Scope.ADMIN, account.check),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/default", Scope.ADMIN, account.make_default),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/disconnect", Scope.ADMIN, account.disconnect),
    PageRoute("GET", f"{PATH}/sends", Scope.READ, sends.show),
    PageRoute("GET", f"{PATH}/sends/{{send_id}}", Scope.READ, send.show),
    PageRoute("GET", f"{PATH}/users", Scope.ADMIN, users.show),
    PageRoute("POST", f"{PATH}/users/invite", Scope.ADMIN, users.invite),
    PageRoute("POST", f"{PATH}/users/reset", Scope.ADMIN, users.reset),
    PageRoute("POST", f"{PATH}/users/disable", Scope.ADMIN, users.disable),
    PageRoute("GET", f"{PATH}/audit", Scope.ADMIN, audit.show),
    PageRoute("GET", f"{PATH}/first-minute", Scope.READ, first_minute.show),
    PageRoute("POST", f"{PATH}/first-minute/prepare", Scope.SEND, first_minute.prepare),
    PageRoute("POST", f"{PATH}/first-minute/send", Scope.SEND, first_minute.send),
    PageRoute("POST", f"{PATH}/first-minute/start", Scope.APPROVE, first_minute.start),
    PageRoute("POST", f"{PATH}/first-minute/dismiss", Scope.READ, first_minute.dismiss),
    PageRoute("GET", f"{PATH}/pull-the-plug", Scope.READ, plug.show),
    PageRoute("POST", f"{PATH}/pull-the-plug", Scope.ADMIN, plug.start),
    PageRoute("GET", f"{PATH}/sandbox", Scope.ADMIN, sandbox.show),
    PageRoute("POST", f"{PATH}/sandbox/answer", Scope.ADMIN, sandbox.answer),
    PageRoute("POST", f"{PATH}/sandbox/fault", Scope.ADMIN, sandbox.add_fault),
    PageRoute("POST", f"{PATH}/sandbox/set-back", Scope.ADMIN, sandbox.set_back),
)
