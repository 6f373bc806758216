"""The routes of all pages."""

from collections.abc import Sequence
from typing import Final

from confrere.console.origins import PATH
from confrere.console.pages import (
    account,
    accounts,
    audit,
    connect,
    display,
    enter,
    keys,
    limits,
    login,
    overview,
    replies,
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
    PageRoute("GET", f"{PATH}/replies", Scope.INBOX, replies.show),
    PageRoute("GET", f"{PATH}/replies/{{reply_id}}", Scope.INBOX, replies.show_one),
    PageRoute("GET", f"{PATH}/replies/{{reply_id}}/conversation", Scope.INBOX, replies.show_conversation),
    PageRoute("POST", f"{PATH}/replies/{{reply_id}}/answer", Scope.INBOX, replies.answer),
    PageRoute("POST", f"{PATH}/replies/{{reply_id}}/handled", Scope.INBOX, replies.mark_handled),
    PageRoute("POST", f"{PATH}/replies/{{reply_id}}/do-not-contact", Scope.INBOX, replies.list_person),
    PageRoute("POST", f"{PATH}/replies/{{reply_id}}/contact-again", Scope.INBOX, replies.unlist_person),
    PageRoute("POST", f"{PATH}/replies/{{reply_id}}/seen", Scope.INBOX, replies.mark_seen),
    PageRoute("GET", f"{PATH}/keys", Scope.ADMIN, keys.show),
    PageRoute("POST", f"{PATH}/keys", Scope.ADMIN, keys.create),
    PageRoute("POST", f"{PATH}/keys/{{key_id}}/revoke", Scope.ADMIN, keys.revoke),
    PageRoute("GET", f"{PATH}/accounts/connect", Scope.ADMIN, connect.show),
    PageRoute("POST", f"{PATH}/accounts/connect", Scope.ADMIN, connect.connect, max_form_bytes=connect.MAX_FORM_BYTES),
    PageRoute("GET", f"{PATH}/display", Scope.READ, display.show),
    PageRoute("POST", f"{PATH}/display", Scope.READ, display.change),
    PageRoute("GET", f"{PATH}/limits", Scope.ADMIN, limits.show),
    PageRoute("POST", f"{PATH}/limits/rules", Scope.ADMIN, limits.change_rules),
    PageRoute("GET", f"{PATH}/accounts/{{account_id}}/limits", Scope.ADMIN, limits.show),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/limits", Scope.ADMIN, limits.change_limit),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/limits/rules", Scope.ADMIN, limits.change_rules),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/enabled", Scope.ADMIN, account.set_enabled),
    PageRoute("POST", f"{PATH}/accounts/{{account_id}}/release", Scope.ADMIN, account.release_hold),
)
