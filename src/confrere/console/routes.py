"""The routes of all pages."""

from collections.abc import Sequence
from typing import Final

from confrere.console.origins import PATH
from confrere.console.pages import (
    account,
    accounts,
    audit,
    compose,
    do_not_contact,
    enter,
    groups,
    login,
    members,
    overview,
    person,
    send,
    sends,
    users,
)
from confrere.console.pages.do_not_contact import MAX_IMPORT_BYTES
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
    PageRoute("GET", f"{PATH}/groups", Scope.READ, groups.show),
    PageRoute("POST", f"{PATH}/groups/read", Scope.READ, groups.read),
    PageRoute("GET", f"{PATH}/groups/{{group_id}}", Scope.READ, members.show),
    PageRoute("POST", f"{PATH}/groups/{{group_id}}/read", Scope.READ, members.read),
    PageRoute("POST", f"{PATH}/groups/{{group_id}}/write", Scope.SEND, members.write),
    PageRoute("POST", f"{PATH}/groups/{{group_id}}/audience", Scope.SEND, members.make_audience),
    PageRoute("POST", f"{PATH}/groups/{{group_id}}/everybody", Scope.SEND, members.take_everybody),
    PageRoute("GET", f"{PATH}/compose", Scope.SEND, compose.show),
    PageRoute("POST", f"{PATH}/compose", Scope.SEND, compose.act, max_form_bytes=compose.MAX_TEXT_BYTES),
    PageRoute("POST", f"{PATH}/compose/preview", Scope.SEND, compose.preview, max_form_bytes=compose.MAX_TEXT_BYTES),
    PageRoute("GET", f"{PATH}/people/{{person}}", Scope.READ, person.show),
    PageRoute("POST", f"{PATH}/people/{{person}}/hold", Scope.SEND, person.hold),
    PageRoute("POST", f"{PATH}/people/{{person}}/release", Scope.SEND, person.release),
    PageRoute("POST", f"{PATH}/people/{{person}}/do-not-contact", Scope.SEND, person.opt_out),
    PageRoute("GET", f"{PATH}/do-not-contact", Scope.READ, do_not_contact.show),
    PageRoute("POST", f"{PATH}/do-not-contact", Scope.SEND, do_not_contact.add),
    PageRoute("POST", f"{PATH}/do-not-contact/remove", Scope.ADMIN, do_not_contact.remove),
    PageRoute("GET", f"{PATH}/do-not-contact/import", Scope.ADMIN, do_not_contact.show_import),
    PageRoute(
        "POST",
        f"{PATH}/do-not-contact/import",
        Scope.ADMIN,
        do_not_contact.import_table,
        max_form_bytes=MAX_IMPORT_BYTES,
    ),
    PageRoute("GET", f"{PATH}/do-not-contact/export", Scope.READ, do_not_contact.export),
    PageRoute("GET", f"{PATH}/users", Scope.ADMIN, users.show),
    PageRoute("POST", f"{PATH}/users/invite", Scope.ADMIN, users.invite),
    PageRoute("POST", f"{PATH}/users/reset", Scope.ADMIN, users.reset),
    PageRoute("POST", f"{PATH}/users/disable", Scope.ADMIN, users.disable),
    PageRoute("GET", f"{PATH}/audit", Scope.ADMIN, audit.show),
)
