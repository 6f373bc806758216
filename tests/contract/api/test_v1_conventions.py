"""What holds for every path of the management API: keys, problems, headers, bodies."""

import asyncio
import gzip
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from confrere.api.v1 import errors as problems
from confrere.api.v1 import routes
from confrere.domain.errors import StoreUnavailable
from confrere.domain.keys import INCLUDES, Scope
from tests.contract.api.conftest import GROUP, RECIPIENT, Api
from tests.contract.api.json_values import JSON_VALUES
from tests.contract.api.management import Caller, calling

GUIDE = Path(__file__).parents[3] / "docs" / "management-api.md"
LACKS_BEARER = (
    'Bearer error="invalid_request", error_description="the Authorization header lacks the word Bearer before the key"'
)
PLACES = {
    "{group_id}": "12345678",
    "{account_id}": "0" * 24,
    "{key_id}": "0" * 24,
    "{workspace_id}": "0" * 24,
    "{send_id}": "0" * 32,
    "{recipient}": "ACoAAnobody",
}
PLACES |= dict.fromkeys(
    ("{audience_id}", "{campaign_id}", "{reply_id}", "{template_id}", "{webhook_id}", "{delivery_id}"), "0" * 32
)
TABLE = [(route.method, route.path.removeprefix(routes.BASE_PATH), route.scope) for route in routes.ROUTES]
ROUTES = [(method, re.sub(r"{\w+}", lambda found: PLACES[found[0]], path), needs) for method, path, needs in TABLE]


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({}, "Bearer"),
        ({"Authorization": "Bearer wrong"}, "Bearer"),
        ({"X-API-Key": ""}, "Bearer"),
        ({"Authorization": "the key"}, LACKS_BEARER),
    ],
)
async def test_without_a_good_key_nothing_is_done(api: Api, headers: dict[str, str], challenge: str) -> None:
    """A request to any route without a valid key gets a 401 with the challenge; a key in the query is ignored."""
    sent = {name: value.replace("the key", api.key) for name, value in headers.items()}
    async with aiohttp.ClientSession(api.url, headers=sent) as http:
        for method, path, _ in ROUTES:
            answer = await Caller(http).ask(method, f"{path}?key={api.key}")
            answer.problem(401, "unauthorized")
            assert answer.headers["WWW-Authenticate"] == challenge, (method, path)


@pytest.mark.parametrize("scope", Scope)
async def test_a_key_does_what_its_scope_includes(api: Api, scope: Scope) -> None:
    """What needs a scope is done by keys whose scopes include it, and by no others; a 403 names the missing scope."""
    async with calling(api, scope) as caller:
        for method, path, needs in ROUTES:
            answer = await caller.ask(method, path)
            if needs in INCLUDES[scope]:
                assert answer.status not in (401, 403), (method, path)
            else:
                assert needs in answer.problem(403, "scopeMissing")["detail"], (method, path)


def test_reads_need_read_and_writes_need_admin() -> None:
    """A POST that changes nothing needs the scope of its kind: a preflight that of a send, resolving a person a read's.

    A campaign is prepared, checked and paused with `send`, and its people are held: only what begins or ends one, or
    adds people to it, needs `approve`. Replies and workspaces have scopes of their own, and the audit log and all
    about a person are the reads that need `admin`.
    """
    others = {
        "/sends/check": Scope.SEND,
        "/people/resolve": Scope.READ,
        "/audiences": Scope.SEND,
        "/audiences/{audience_id}/people": Scope.SEND,
        "/templates": Scope.SEND,
        "/templates/{template_id}": Scope.SEND,
        "/templates/{template_id}/preview": Scope.SEND,
        "/campaigns": Scope.SEND,
        "/campaigns/{campaign_id}": Scope.SEND,
        "/campaigns/{campaign_id}/check": Scope.SEND,
        "/campaigns/{campaign_id}/pause": Scope.SEND,
        **{
            f"/campaigns/{{campaign_id}}/{act}": Scope.APPROVE
            for act in ("start", "people", "resume", "stop", "archive")
        },
        "/campaigns/{campaign_id}/people/{recipient}/hold": Scope.SEND,
        "/campaigns/{campaign_id}/people/{recipient}/release": Scope.SEND,
    }
    for method, path, needs in TABLE:
        is_read = method == "GET" and not path.startswith("/audit") and path != "/people/{recipient}/export"
        expected = Scope.READ if is_read else others.get(path, Scope.ADMIN)
        if path.startswith("/replies"):
            expected = Scope.INBOX
        if path.startswith("/workspaces"):
            expected = Scope.OPERATOR
        assert needs is expected, (method, path)


async def test_request_id_is_the_callers_own_if_it_is_sane(api: Api) -> None:
    """A valid request id of the caller is returned in header and problem; an invalid one is replaced."""
    async with calling(api, Scope.ADMIN) as caller:
        answer = await caller.ask("GET", "/nothing", headers={"X-Request-Id": "order-4711"})
        assert answer.headers["X-Request-Id"] == answer.body["requestId"] == "order-4711"
        answer = await caller.ask("GET", "/accounts", headers={"X-Request-Id": "no, thank you"})
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])


@pytest.mark.parametrize("path", ["/nothing", "", "/", "/accounts//", "/sends/a/b", "/accounts/%00"])
async def test_what_is_not_there_is_a_404(api: Api, path: str) -> None:
    """An unknown path gets a 404 with a problem."""
    async with calling(api, Scope.ADMIN) as caller:
        (await caller.ask("GET", path)).problem(404, "notFound")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/accounts", "GET, HEAD, POST"),
        ("DELETE", f"/accounts/{'0' * 24}", "GET, HEAD, PATCH"),
        ("GET", f"/accounts/{'0' * 24}/check", "POST"),
        ("GET", "/do-not-contact/ACoAA1", "DELETE"),
        ("PATCH", "/do-not-contact", "GET, HEAD, POST"),
        ("GET", "/sends/check", "POST"),  # not the send with the id "check"
        ("DELETE", "/do-not-contact/export", "GET, HEAD"),  # nor the person of that name
    ],
)
async def test_a_405_lists_all_methods_of_the_path(api: Api, method: str, path: str, allow: str) -> None:
    """A 405 lists all methods of the path."""
    async with calling(api, Scope.ADMIN) as caller:
        answer = await caller.ask(method, path)
    assert allow in answer.problem(405, "methodNotAllowed")["detail"]
    assert answer.headers["Allow"] == allow


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"name": "\xff"}', b'{"name": NaN}', b"[" * 100_000])
async def test_a_body_that_is_no_json_object_is_refused(api: Api, body: bytes) -> None:
    """A body that is not a JSON object gets a 400 with the reason, by the rules of the compatible API."""
    async with calling(api, Scope.ADMIN) as caller:
        for path in ("/keys", "/accounts", "/do-not-contact", "/sends/check"):
            problem = (await caller.ask("POST", path, data=body)).problem(400, "invalidField")
            assert "The body must be a JSON object" in problem["detail"]
            assert "field" not in problem


async def test_a_large_body_is_refused(api: Api) -> None:
    """A body over 128 KiB is rejected."""
    async with calling(api, Scope.ADMIN) as caller:
        problem = (await caller.ask("POST", "/keys", data=b"x" * 140_000)).problem(413, "bodyTooLarge")
        assert problem["detail"] == "The body must be at most 128 KiB"


async def test_a_compressed_body_is_refused(api: Api) -> None:
    """A compressed body is rejected with the remedy, for JSON and for tables."""
    async with calling(api, Scope.ADMIN) as caller:
        for path in ("/keys", "/do-not-contact/import"):
            headers = {"Content-Encoding": "gzip"}
            answer = await caller.ask("POST", path, data=gzip.compress(b"{}"), headers=headers)
            assert "leave out Content-Encoding" in answer.problem(415, "bodyEncoded")["detail"]


async def test_a_limit_of_zero_is_reported_without_a_time(api: Api) -> None:
    """The preflight of an account with limit zero names the limit and no time, since midnight changes nothing."""
    await api.services.accounts.update("default", api.account.id, daily_limit=0)
    async with calling(api, Scope.SEND) as caller:
        answer = await caller.post("/sends/check", {"recipientProfileUrn": RECIPIENT, "groupId": GROUP})
    quota = {"name": "quota", "ok": False, "detail": "the daily limit of the account is 0: it may send none"}
    assert quota in answer["checks"]


async def test_an_unavailable_store_is_a_503(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unavailable store is a 503 with Retry-After and without the store's own text."""

    async def away(*_: Any) -> Any:
        raise StoreUnavailable("SQLite: IOError: secret path")

    monkeypatch.setattr(api.services.accounts, "search", away)
    async with calling(api, Scope.READ) as caller:
        answer = await caller.ask("GET", "/accounts")
    answer.problem(503, "storeUnavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "secret" not in answer.text


async def test_a_bug_is_a_500_without_details(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug is a 500 without details or a stack trace."""

    async def wrong(*_: Any) -> Any:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(api.services.accounts, "search", wrong)
    async with calling(api, Scope.READ) as caller:
        answer = await caller.ask("GET", "/accounts")
    answer.problem(500, "internalError")
    assert "secret" not in answer.text


async def test_pages_of_other_origins_may_ask_where_that_is_configured(api: Api) -> None:
    """Pages of configured origins may call with every method that the API accepts."""
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    async with api.http.options(f"/v1/accounts/{api.account.id}", headers=headers) as response:
        assert response.status == 200
        allowed = set(response.headers["Access-Control-Allow-Methods"].split(", "))
        assert {method for method, *_ in TABLE} <= allowed


async def test_requests_are_counted_by_their_route(api: Api) -> None:
    """Metrics count requests by route, never by values in the path."""
    async with calling(api, Scope.READ) as caller:
        await caller.get(f"/accounts/{api.account.id}")
    async with api.http.get("/metrics") as response:
        metrics = await response.text()
    assert 'confrere_http_requests_total{route="/v1/accounts/{account_id}",status="200"}' in metrics
    assert api.account.id not in metrics


FIELDS = [
    "pasted",
    "userAgent",
    "dailyLimit",
    "enabled",
    "isDefault",
    "name",
    "scopes",
    "expiresAt",
    "recipientProfileUrn",
    "recipientProfileUrns",
    "reason",
    "source",
    "groupId",
    "message",
    "accountId",
    "askLinkedIn",
    "recipientName",
    "audienceId",
    "text",
    "startsAt",
    "dailyCap",
]
PARAMETERS = [
    "limit",
    "cursor",
    "outcome",
    "groupId",
    "recipient",
    "since",
    "until",
    "accountId",
    "include",
    "format",
    "skipBad",
    "reason",
    "status",
]
GOOD_VALUES = [
    {"type": "ids", "recipientProfileUrns": [RECIPIENT]},
    GROUP,
    RECIPIENT,
    [RECIPIENT],
    "read",
    ["read"],
    True,
    5,
    "2999-01-01T00:00:00Z",
    "text",
    "csv",
    "jsonl",
]


async def test_fuzzed_requests_never_get_a_5xx(api: Api) -> None:
    """Any JSON in any field and any text in any parameter get a documented 2xx or 4xx."""
    loop = asyncio.get_running_loop()
    bodies = st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES | st.sampled_from(GOOD_VALUES), max_size=4)
    texts = st.text(max_size=20) | st.sampled_from([str(value) for value in GOOD_VALUES])
    queries = st.dictionaries(st.sampled_from(PARAMETERS), texts, max_size=3)
    paths = [(method, path.replace("{account_id}", api.account.id)) for method, path, *_ in TABLE if "{" not in path]
    paths.append(("PATCH", f"/accounts/{api.account.id}"))

    async with calling(api, Scope.ADMIN) as caller:

        async def ask(method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> None:
            data = json.dumps(body).encode("utf-8", "surrogatepass")
            whole = f"{path}?{urlencode(query, errors='surrogatepass')}" if query else path
            answer = await caller.ask(method, whole, data=None if method == "GET" else data)
            assert answer.status < 500, (method, path, query, body)

        @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.sampled_from(paths), queries, bodies)
        def fuzz(route: tuple[str, str], query: dict[str, str], body: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(ask(*route, query, body), loop).result(10)

        await asyncio.to_thread(fuzz)


def test_guide_lists_every_kind_of_problem() -> None:
    """The guide lists every kind of problem with its status."""
    listed = re.findall(r"^\| `(\w+)` \| (\d+) \|", GUIDE.read_text(), re.MULTILINE)
    assert [(name, int(status)) for name, status in listed] == [(kind.name, kind.status) for kind in problems.KINDS]
