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
PLACES = {"{account_id}": "0" * 24, "{key_id}": "0" * 24, "{send_id}": "0" * 32, "{recipient}": "ACoAAnobody"}
TABLE = [(route.method, route.path.removeprefix(routes.BASE_PATH), route.scope) for route in routes.ROUTES]
ROUTES = [
    pytest.param(method, re.sub(r"{\w+}", lambda found: PLACES[found[0]], path), needs, id=f"{method} {path}")
    for method, path, needs in TABLE
]


@pytest.mark.parametrize(("method", "path", "needs"), ROUTES)
async def test_without_a_good_key_nothing_is_done(api: Api, method: str, path: str, needs: Scope) -> None:
    """401 with the challenge, for no key and for a wrong one; the key of a query is not read."""
    for headers, challenge in (
        ({}, "Bearer"),
        ({"Authorization": "Bearer wrong"}, "Bearer"),
        ({"X-API-Key": ""}, "Bearer"),
        ({"Authorization": api.key}, LACKS_BEARER),
    ):
        async with aiohttp.ClientSession(api.url, headers=headers) as http:
            told = await Caller(http).ask(method, f"{path}?key={api.key}")
            told.problem(401, "unauthorized")
            assert told.headers["WWW-Authenticate"] == challenge


@pytest.mark.parametrize(("method", "path", "needs"), ROUTES)
@pytest.mark.parametrize("scope", Scope)
async def test_a_key_does_what_its_scope_includes(api: Api, method: str, path: str, needs: Scope, scope: Scope) -> None:
    """Reads need `read`, the preflight `send`, everything else `admin`; a refusal names the scope."""
    async with calling(api, scope) as caller:
        told = await caller.ask(method, path)
    if needs in INCLUDES[scope]:
        assert told.status not in (401, 403)
    else:
        assert needs in told.problem(403, "scopeMissing")["detail"]


def test_reads_need_read_and_writes_need_admin() -> None:
    """A POST that changes nothing needs what its like needs: looking ahead of a send, and reading a person."""
    questions = {"/sends/check": Scope.SEND, "/people/resolve": Scope.READ}
    for method, path, needs in TABLE:
        expected = questions.get(path, Scope.READ if method == "GET" else Scope.ADMIN)
        assert needs is expected, (method, path)


async def test_request_id_is_the_callers_own_if_it_is_sane(api: Api) -> None:
    """In the header and in the problem."""
    async with calling(api, Scope.ADMIN) as caller:
        told = await caller.ask("GET", "/nothing", headers={"X-Request-Id": "order-4711"})
        assert told.headers["X-Request-Id"] == told.body["requestId"] == "order-4711"
        told = await caller.ask("GET", "/accounts", headers={"X-Request-Id": "no, thank you"})
        assert re.fullmatch(r"[0-9a-f]{32}", told.headers["X-Request-Id"])


@pytest.mark.parametrize("path", ["/nothing", "", "/", "/accounts//", "/sends/a/b", "/accounts/%00"])
async def test_what_is_not_there_is_a_404(api: Api, path: str) -> None:
    """With the API's problem, whatever the path."""
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
async def test_another_method_is_told_all_that_the_path_takes(api: Api, method: str, path: str, allow: str) -> None:
    """405 with every method of the path."""
    async with calling(api, Scope.ADMIN) as caller:
        told = await caller.ask(method, path)
    assert allow in told.problem(405, "methodNotAllowed")["detail"]
    assert told.headers["Allow"] == allow


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"name": "\xff"}', b'{"name": NaN}', b"[" * 100_000])
async def test_a_body_that_is_no_json_object_is_refused(api: Api, body: bytes) -> None:
    """A 400 that says so, by the same rules as the compatible API."""
    async with calling(api, Scope.ADMIN) as caller:
        for path in ("/keys", "/accounts", "/do-not-contact", "/sends/check"):
            problem = (await caller.ask("POST", path, data=body)).problem(400, "invalidField")
            assert "The body must be a JSON object" in problem["detail"]
            assert "field" not in problem


async def test_a_large_body_is_refused(api: Api) -> None:
    """Over 128 KiB."""
    async with calling(api, Scope.ADMIN) as caller:
        problem = (await caller.ask("POST", "/keys", data=b"x" * 140_000)).problem(413, "bodyTooLarge")
        assert problem["detail"] == "The body must be at most 128 KiB"


async def test_a_compressed_body_is_refused(api: Api) -> None:
    """With the remedy, on the paths that take JSON and on the one that takes a table."""
    async with calling(api, Scope.ADMIN) as caller:
        for path in ("/keys", "/do-not-contact/import"):
            headers = {"Content-Encoding": "gzip"}
            told = await caller.ask("POST", path, data=gzip.compress(b"{}"), headers=headers)
            assert "leave out Content-Encoding" in told.problem(415, "bodyEncoded")["detail"]


async def test_an_account_whose_limit_is_zero_is_told_so_without_a_time(api: Api) -> None:
    """The look ahead names the limit: nothing is counted anew at midnight."""
    await api.services.accounts.update("default", api.account.id, daily_limit=0)
    async with calling(api, Scope.SEND) as caller:
        told = await caller.post("/sends/check", {"recipientProfileUrn": RECIPIENT, "groupId": GROUP})
    quota = {"name": "quota", "ok": False, "detail": "the daily limit of the account is 0: it may send none"}
    assert quota in told["checks"]


async def test_a_store_that_is_away_is_a_503(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the time after which to come again, and without what the store said."""

    async def away(*_: Any) -> Any:
        raise StoreUnavailable("SQLite: IOError: secret path")

    monkeypatch.setattr(api.services.accounts, "search", away)
    async with calling(api, Scope.READ) as caller:
        told = await caller.ask("GET", "/accounts")
    told.problem(503, "storeUnavailable")
    assert int(told.headers["Retry-After"]) >= 1
    assert "secret" not in told.text


async def test_a_bug_is_a_500_that_tells_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a stack trace."""

    async def wrong(*_: Any) -> Any:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(api.services.accounts, "search", wrong)
    async with calling(api, Scope.READ) as caller:
        told = await caller.ask("GET", "/accounts")
    told.problem(500, "internalError")
    assert "secret" not in told.text


async def test_pages_of_other_origins_may_ask_where_that_is_configured(api: Api) -> None:
    """With every method that the API takes."""
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
    async with api.http.options(f"/v1/accounts/{api.account.id}", headers=headers) as response:
        assert response.status == 200
        allowed = set(response.headers["Access-Control-Allow-Methods"].split(", "))
        assert {method for method, *_ in TABLE} <= allowed


async def test_requests_are_counted_by_their_route(api: Api) -> None:
    """Never by what is in a path."""
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
]
GOOD_VALUES = [GROUP, RECIPIENT, [RECIPIENT], "read", ["read"], True, 5, "2999-01-01T00:00:00Z", "text", "csv", "jsonl"]


async def test_fuzzed_requests_never_get_a_5xx(api: Api) -> None:
    """Any JSON in any field, any text in any parameter: 2xx or 4xx, as documented."""
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
            told = await caller.ask(method, whole, data=None if method == "GET" else data)
            assert told.status < 500, (method, path, query, body)

        @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.sampled_from(paths), queries, bodies)
        def fuzz(route: tuple[str, str], query: dict[str, str], body: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(ask(*route, query, body), loop).result(10)

        await asyncio.to_thread(fuzz)


def test_guide_lists_every_kind_of_problem() -> None:
    """With its status."""
    listed = re.findall(r"^\| `(\w+)` \| (\d+) \|", GUIDE.read_text(), re.MULTILINE)
    assert [(name, int(status)) for name, status in listed] == [(kind.name, kind.status) for kind in problems.KINDS]
