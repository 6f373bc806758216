"""The routes of all pages."""

from collections.abc import Sequence
from typing import Final

from confrere.console.origins import PATH
from confrere.console.pages import (
    account,
    accounts,
    audit,
    enter,
    erase,
    login,
    overview,
    restored,
    retention,
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
    PageRoute("GET", f"{PATH}/people/{{recipient}}/erase", Scope.ADMIN, erase.show),
    PageRoute("POST", f"{PATH}/people/{{recipient}}/erase", Scope.ADMIN, erase.erase),
    PageRoute("GET", f"{PATH}/people/{{recipient}}/export", Scope.ADMIN, erase.export),
    PageRoute("GET", f"{PATH}/accounts/{{account_id}}/restored", Scope.ADMIN, restored.show),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/restored", Scope.ADMIN, restored.release),
    PageRoute("GET", f"{PATH}/retention", Scope.ADMIN, retention.show),
)
