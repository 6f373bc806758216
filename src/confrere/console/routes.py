"""The routes of all pages."""

from collections.abc import Sequence
from typing import Final

from confrere.console.origins import PATH
from confrere.console.pages import (
    account,
    accounts,
    audit,
    enter,
    login,
    overview,
    profile,
    resume,
    second_factor,
    send,
    sends,
    sign_in,
    users,
)
from confrere.console.route import PageRoute
from confrere.domain.keys import Scope

ROUTES: Final[Sequence[PageRoute]] = (
    PageRoute("GET", f"{PATH}/enter", None, enter.show),
    PageRoute("POST", f"{PATH}/enter", None, enter.accept),
    PageRoute("GET", f"{PATH}/login", None, login.show),
    PageRoute("POST", f"{PATH}/login", None, login.log_in),
    PageRoute("POST", f"{PATH}/login/code", None, login.check_code),
    PageRoute("GET", sign_in.START, None, sign_in.start),
    PageRoute("GET", sign_in.CALLBACK, None, sign_in.come_back),
    PageRoute("POST", f"{PATH}/logout", None, login.log_out),
    PageRoute("POST", resume.RESUME, None, resume.go_on),
    PageRoute("GET", profile.PROFILE, Scope.READ, profile.show),
    PageRoute("POST", f"{profile.PROFILE}/password", Scope.READ, profile.change_password, is_resumable=False),
    PageRoute("POST", f"{profile.PROFILE}/sessions/end", Scope.READ, profile.end_session),
    PageRoute("POST", f"{profile.PROFILE}/sessions/end-others", Scope.READ, profile.end_other_sessions),
    PageRoute("GET", second_factor.SETUP, Scope.READ, second_factor.show),
    PageRoute("POST", second_factor.SETUP, Scope.READ, second_factor.confirm, is_resumable=False),
    PageRoute("POST", f"{second_factor.SETUP}/codes", Scope.READ, second_factor.renew_codes, is_resumable=False),
    PageRoute("POST", f"{second_factor.SETUP}/remove", Scope.READ, second_factor.remove, is_resumable=False),
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
    PageRoute("POST", f"{PATH}/users/log-out", Scope.ADMIN, users.log_out),
    PageRoute("POST", f"{PATH}/users/second-factor", Scope.ADMIN, users.remove_second_factor),
    PageRoute("GET", f"{PATH}/audit", Scope.ADMIN, audit.show),
)
