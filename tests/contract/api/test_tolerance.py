"""Common mistakes of clients are accepted, or rejected with an error that names the remedy."""

import gzip
import json
import re
import zlib
from typing import Any

import aiohttp
import pytest

from confrere.api.health import is_loopback
from confrere.domain.keys import Scope
from tests.contract.api.conftest import GROUP, RECIPIENT, SEND_PATH, Api
from tests.contract.api.shape import assert_answer, read_shaped
from tests.fakes.upstream import BROWSER, ODILE

SEND = {"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": "Hello fellow group member!"}
SENT = {
    "success": True,
    "message": "Group context message sent successfully",
    "recipientProfileUrn": RECIPIENT,
    "groupId": GROUP,
}
ANOTHER_ACCOUNT = "must not name another account than accountId does, or the default one; give accountId alone"
PLACEHOLDER = (
    "Idempotency-Key must name this one message, but is a placeholder such as undefined or ${KEY}: its variable was "
    "not filled in"
)


def refused(error: str) -> dict[str, object]:
    """Return the body of a 400."""
    return {"success": False, "error": error}


# ---- bodies -----------------------------------------------------------------------------------------------------


async def test_a_byte_order_mark_is_skipped(api: Api) -> None:
    """A byte order mark before the JSON, which editors and PowerShell write, is skipped."""
    response = await api.http.post(SEND_PATH, data=b"\xef\xbb\xbf" + json.dumps(SEND).encode())
    await assert_answer(response, 200, SENT)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "but is empty"),
        (b"groupId=12345678&message=Hello", "but is form-encoded: send JSON, with Content-Type: application/json"),
        (
            json.dumps(json.dumps(SEND)).encode(),
            "but is a JSON string with an object in it: it was encoded twice",
        ),
        (
            b'{"message": "Hello\nOdile"}',
            "but has a line break within a string at line 1, column 19: write it as \\n",
        ),
        (json.dumps([SEND]).encode(), "not a list: make a request for each of its elements"),
        (b"null", "not null"),
    ],
)
async def test_a_body_that_is_no_json_object_gets_the_reason(api: Api, body: bytes, why: str) -> None:
    """A body that is not a JSON object gets a 400 with the reason, and nothing is sent."""
    response = await api.http.post(SEND_PATH, data=body)
    await assert_answer(response, 400, refused(f"The body must be a JSON object, {why}"))
    assert api.upstream.seen == []


@pytest.mark.parametrize("body", [b'{"message": "Hello",\n}', b'{"messageUrns": [1,\n]}'])
async def test_a_trailing_comma_is_named(api: Api, body: bytes) -> None:
    """A trailing comma is reported with its position."""
    response = await api.http.post(SEND_PATH, data=body)
    shaped = await read_shaped(response)
    assert response.status == 400
    assert re.search(r"has a comma too many .*at line \d, column \d", shaped["error"])


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", bytes), ("GZIP", bytes)]
)
async def test_a_compressed_body_is_refused_with_the_remedy(api: Api, encoding: str, compress: Any) -> None:
    """A compressed body gets a 415 with the remedy; `identity` is accepted."""
    error = "The body must be sent as it is: leave out Content-Encoding and do not compress it"
    content, headers = json.dumps(SEND).encode(), {"Content-Encoding": encoding}
    await assert_answer(await api.http.post(SEND_PATH, data=compress(content), headers=headers), 415, refused(error))
    response = await api.http.post(SEND_PATH, data=content, headers={"Content-Encoding": "identity"})
    await assert_answer(response, 200, SENT)


# ---- idempotency keys -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["undefined", "null", "[object Object]", "${KEY}", "{{ $json.id }}", '""'])
async def test_a_placeholder_is_no_idempotency_key(api: Api, key: str) -> None:
    """A placeholder as idempotency key is rejected: it would be the same for every message."""
    headers = {"Idempotency-Key": key}
    await assert_answer(await api.http.post(SEND_PATH, json=SEND, headers=headers), 400, refused(PLACEHOLDER))
    assert api.upstream.seen == []
    await assert_answer(await api.http.post(SEND_PATH, json=SEND, headers={"Idempotency-Key": "order-7"}), 200, SENT)


@pytest.mark.parametrize("name", ["idempotencyKey", "idempotency_key", "Idempotency-Key", "IDEMPOTENCYKEY"])
async def test_a_key_in_the_body_is_refused_with_the_name_of_the_header(api: Api, name: str) -> None:
    """An idempotency key in the body is rejected with the name of the header; an empty one is ignored."""
    error = f"{name} must not be in the body: send it as the header Idempotency-Key"
    await assert_answer(await api.http.post(SEND_PATH, json={**SEND, name: "order-7"}), 400, refused(error))
    assert api.upstream.seen == []
    await assert_answer(await api.http.post(SEND_PATH, json={**SEND, name: None, "other": "ignored"}), 200, SENT)


# ---- accounts ---------------------------------------------------------------------------------------------------


async def other_account(api: Api) -> str:
    """Connect a second account of the workspace; the first one stays the default."""
    other = type(ODILE)("urn:li:fsd_profile:ACoAAOther", "Other", "Sample", "other-sample")
    api.upstream.member = other
    return (await api.services.accounts.connect("default", BROWSER)).id


async def test_an_account_is_not_named_in_a_header(api: Api) -> None:
    """An X-Account-Id that contradicts the account of the body, or the default one, is rejected."""
    other = await other_account(api)
    error = refused(f"X-Account-Id {ANOTHER_ACCOUNT}")
    mine, named = api.account.id, {"accountId": other}
    for header, body, answer in (
        (other, {}, error),
        (mine, named, error),
        ("0" * 24, {}, error),
        (mine, {}, SENT),
        (f" {other.upper()} ", named, SENT),
        ("", named, SENT),
    ):
        response = await api.http.post(SEND_PATH, json={**SEND, **body}, headers={"X-Account-Id": header})
        await assert_answer(response, 200 if answer is SENT else 400, dict(answer))
    assert len(api.upstream.seen) == 3


async def test_an_account_in_the_query_of_a_send_is_not_ignored(api: Api) -> None:
    """An account id in a send's query is rejected if it contradicts the body."""
    other = await other_account(api)
    response = await api.http.post(f"{SEND_PATH}?accountId={other}", json=SEND)
    await assert_answer(response, 400, refused(f"accountId in the query {ANOTHER_ACCOUNT}"))
    await assert_answer(await api.http.post(f"{SEND_PATH}?accountId={api.account.id}", json=SEND), 200, SENT)
    assert len(api.upstream.seen) == 1


async def test_reads_hold_to_one_account_too(api: Api) -> None:
    """Reads reject contradicting accounts, too; operations without an account accept any header."""
    other = await other_account(api)
    headers = {"X-Account-Id": other}
    for path in (
        "/linkedin/groups",
        f"/linkedin/groups?accountId={api.account.id}",
        "/linkedin/account/status",
        f"/linkedin/account/{api.account.id}/quota",
        f"/linkedin/account/{api.account.id}/sends",
    ):
        response = await api.http.get(path, headers=headers)
        await assert_answer(response, 400, refused(f"X-Account-Id {ANOTHER_ACCOUNT}"))
    for path in (
        f"/linkedin/groups?accountId={other}",
        f"/linkedin/account/status?accountId=%20{other.upper()}",
        f"/linkedin/account/{other}/quota",
        "/linkedin/accounts",
    ):
        assert (await api.http.get(path, headers=headers)).status == 200
    response = await api.http.get("/linkedin/groups", headers={"X-Account-Id": "undefined"})
    error = "X-Account-Id must be 24 hexadecimal digits, the id of an account of this workspace"
    await assert_answer(response, 400, refused(error))


async def test_blanks_around_an_account_s_id_are_taken_off(api: Api) -> None:
    """An account id is accepted with surrounding blanks and in either case."""
    response = await api.http.post(SEND_PATH, json={**SEND, "accountId": f" {api.account.id.upper()}\n"})
    await assert_answer(response, 200, SENT)


async def test_a_disabled_account_is_reported_with_the_remedy(api: Api) -> None:
    """A send or a read with a disabled account gets an error that explains how to enable it."""
    account_id = api.account.id
    await api.services.accounts.update("default", account_id, enabled=False)
    error = (
        f"accountId must be an account that is enabled; {account_id} is disabled: `confrere accounts enable "
        f'{account_id}` or PATCH /v1/accounts/{account_id} {{"enabled": true}} enables it'
    )
    await assert_answer(await api.http.post(SEND_PATH, json=SEND), 400, refused(error))
    await assert_answer(await api.http.get("/linkedin/groups"), 400, refused(error))


# ---- paths, keys, metrics ---------------------------------------------------------------------------------------


async def test_one_trailing_slash_is_served(api: Api) -> None:
    """One trailing slash is accepted on every path; two are a 404."""
    await assert_answer(await api.http.post(f"{SEND_PATH}/", json=SEND), 200, SENT)
    for path in (f"/linkedin/account/{api.account.id}/quota/", "/linkedin/accounts/", "/v1/sends/", "/health/"):
        assert (await api.http.get(path)).status == 200
    response = await api.http.post("/linkedin/groups/members/", json={"groupId": GROUP})
    assert (response.status, response.headers["X-RateLimit-Action"]) == (200, "GROUP_MEMBERS")
    response = await api.http.get(f"{SEND_PATH}/")
    await assert_answer(response, 405, refused("GET is not allowed here; use POST"))
    for path in (f"{SEND_PATH}//", "/linkedin/", "/linkedin//accounts"):
        assert (await api.http.get(path)).status == 404


async def test_a_401_names_a_malformed_key_in_its_challenge(api: Api) -> None:
    """The challenge of a 401 names a malformed key; unknown, expired and revoked keys get the same plain one."""
    _, revoked_key = await api.services.keys.create("default", name="revoked", scopes=[Scope.SEND])
    revoked = next(key for key in await api.services.keys.list_all("default") if key.name == "revoked")
    await api.services.keys.revoke("default", revoked.id)
    described = 'Bearer error="invalid_request", error_description="{}"'
    async with aiohttp.ClientSession(api.url) as http:
        for authorization, challenge in (
            (None, "Bearer"),
            (f"Bearer {revoked_key}", "Bearer"),
            (api.key, described.format("the Authorization header lacks the word Bearer before the key")),
            (f"Bearer '{api.key}'", described.format("the key must stand without quotes or brackets around it")),
        ):
            headers = {} if authorization is None else {"Authorization": authorization}
            response = await http.post(SEND_PATH, json=SEND, headers=headers)
            await assert_answer(response, 401, {"error": "Unauthorized - Invalid credentials"})
            assert response.headers["WWW-Authenticate"] == challenge


async def test_requests_are_counted_under_their_whole_route(api: Api) -> None:
    """Metrics count requests of both APIs under the route as the OpenAPI document writes it."""
    await api.send()
    async with api.http.get("/metrics") as response:
        metrics = await response.text()
    assert f'confrere_http_requests_total{{route="{SEND_PATH}",status="200"}}' in metrics


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_metrics_need_a_key_where_they_leave_the_machine(api: Api, header: str) -> None:
    """Metrics are open to programs on this machine; through a proxy they need a key with the scope `read`."""
    async with aiohttp.ClientSession(api.url, headers={header: "203.0.113.7"}) as http:
        async with http.get("/metrics") as response:
            assert response.status == 401
            assert await response.json() == {"error": "Unauthorized - Invalid credentials"}
            assert response.headers["WWW-Authenticate"] == "Bearer"
        async with http.get("/metrics", headers={"Authorization": api.key}) as response:
            assert "lacks the word Bearer" in response.headers["WWW-Authenticate"]
        async with http.get("/metrics", headers={"Authorization": f"Bearer {api.key}"}) as response:
            assert response.status == 200
            assert "confrere_http_requests_total" in await response.text()


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        *(("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("::ffff:127.0.0.1", True)),
        *(("192.168.0.7", False), ("::ffff:192.168.0.7", False), ("2001:db8::1", False), ("0.0.0.0", False)),
    ],
)
def test_this_machine_is_known_by_its_loopback_addresses(host: str, *, is_local: bool) -> None:
    """Loopback addresses count as local, also when mapped into IPv6; a Unix socket has no address."""
    assert is_loopback((host, 4711)) is is_local
    assert is_loopback(None)
