"""The routes: which handler answers which path."""

from collections.abc import Callable
from functools import partial
from typing import Final

from confrere.sandbox import groups, legacy_endpoints, mailbox, me, pages, profiles, typing_and_receipts
from confrere.sandbox.answers import Answer, assumed
from confrere.sandbox.authentication import check_session
from confrere.sandbox.graphql import Query, answer_query
from confrere.sandbox.messaging import BAD_BODY, create_message
from confrere.sandbox.request import Request
from confrere.sandbox.sandbox import Sandbox

Handler = Callable[[Sandbox, Request], Answer]

NOT_FOUND = assumed("not-found", "no such path, or not by this method: 404")

_API: Final = "/voyager/api/"
_CHALLENGE: Final = "/checkpoint/"
_MESSAGES: Final = "/voyager/api/voyagerMessagingDashMessengerMessages"


def _query(queries: dict[str, Query], sandbox: Sandbox, request: Request) -> Answer:
    return answer_query(sandbox, request, queries)


_EXACT: Final[dict[tuple[str, str], Handler]] = {
    ("GET", "/voyager/api/me"): me.me,
    ("GET", "/voyager/api/voyagerMessagingGraphQL/graphql"): partial(_query, mailbox.QUERIES),
    ("GET", "/voyager/api/graphql"): partial(
        _query, {**mailbox.GENERIC_QUERIES, **groups.QUERIES, **typing_and_receipts.QUERIES}
    ),
    ("GET", groups.GROUPS_PATH): groups.my_groups,
    ("GET", profiles.PROFILES_PATH): profiles.find_profile,
    ("POST", typing_and_receipts.CONVERSATIONS_PATH): typing_and_receipts.change_conversations,
    ("POST", typing_and_receipts.RECEIVED_PATH): typing_and_receipts.acknowledge,
    ("POST", "/realtime/realtimeFrontendClientConnectivityTracking"): typing_and_receipts.heartbeat,
    ("POST", "/voyager/api/messaging/conversations"): legacy_endpoints.legacy_messaging,
    ("GET", "/voyager/api/messaging/conversations"): legacy_endpoints.legacy_messaging,
}
_BELOW: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("GET", typing_and_receipts.COMPOSE_PATH, typing_and_receipts.compose_options),
    ("GET", f"{groups.GROUPS_PATH}/", groups.one_group),
    ("GET", "/voyager/api/identity/profiles/", legacy_endpoints.legacy_profile),
    ("GET", "/voyager/api/groups/groups/", legacy_endpoints.legacy_members),
    ("GET", "/voyager/api/messaging/conversations/", legacy_endpoints.legacy_messaging),
    ("POST", "/voyager/api/messaging/conversations/", legacy_endpoints.legacy_messaging),
)
_PUBLIC: Final[dict[tuple[str, str], Handler]] = {
    ("GET", "/"): pages.home,
    ("GET", "/feed/"): pages.home,
    ("GET", "/uas/login"): pages.login,
    ("GET", "/login"): pages.login,
    ("GET", "/authwall"): pages.login,
    ("GET", "/uas/authenticate"): pages.pre_login,
    ("POST", "/uas/authenticate"): pages.authenticate,
}


def answer(sandbox: Sandbox, request: Request, *, lag_seconds: float) -> Answer:
    """Answer a request as LinkedIn does. Raises Refused."""
    if public := _PUBLIC.get((request.method, request.path)):
        return public(sandbox, request)
    if request.method == "GET" and request.path.startswith(profiles.PICTURES_PATH):
        return profiles.draw_picture(sandbox, request)
    if request.path.startswith(_CHALLENGE):
        return pages.login(sandbox, request)
    check_session(sandbox, request, restli=request.path.startswith(_API))
    if request.path == _MESSAGES and request.method == "POST":
        if request.query != "action=createMessage":
            return BAD_BODY.error({"status": 400}, status=400, normalized=request.normalized)
        return create_message(sandbox, request, lag_seconds=lag_seconds)
    return _handler(request)(sandbox, request)


def _handler(request: Request) -> Handler:
    if exact := _EXACT.get((request.method, request.path)):
        return exact
    for method, prefix, handler in _BELOW:
        if request.method == method and request.path.startswith(prefix):
            return handler
    return _not_found


def _not_found(_: Sandbox, request: Request) -> Answer:
    return NOT_FOUND.error({"status": 404}, status=404, normalized=request.normalized)
