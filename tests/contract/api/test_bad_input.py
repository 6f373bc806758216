"""Bad input is refused clearly and cheaply, and nothing is lost by it."""

import asyncio
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.api.conftest import GROUP, RECIPIENT, SEND_PATH, Api
from tests.contract.api.json_values import JSON_VALUES
from tests.contract.api.shape import assert_answer, read_shaped

GOOD = {"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": "Hello fellow group member!"}
NAMES = list(GOOD)
REQUIRED = "recipientProfileUrn, groupId, and message are required"
PROFILE_FORM = "recipientProfileUrn must be of the form urn:li:fsd_profile:<id> or a bare ACoAA… profile id"
VANITY_FORM = (
    f"{PROFILE_FORM}; the name in a profile's address is not the id. Take the profileUrn from the group's members "
    "list, or resolve the address with POST /v1/people/resolve {profileUrl}"
)
GROUP_FORM = "groupId must be 1 to 19 digits, urn:li:fsd_group:<digits> or the URL of a group"
ACCOUNT_FORM = "accountId must be 24 hexadecimal digits, the id of an account of this workspace"
MESSAGE_FORM = "message must be valid Unicode text without NUL characters"


@pytest.mark.parametrize("field", ["recipientProfileUrn", "groupId", "message"])
@pytest.mark.parametrize("value", [None, "", "  \n", "\u200b\ufeff", ...])
async def test_missing_fields_are_told_as_on_the_reference_page(api: Api, field: str, value: object) -> None:
    """Absent, null and blank are the same; which one it is stands beside the sentence of the page."""
    body = {**GOOD, field: value} if value is not ... else {k: v for k, v in GOOD.items() if k != field}
    told = {"success": False, "error": REQUIRED, "missing": [field]}
    await assert_answer(await api.http.post(SEND_PATH, json=body), 400, told)


@pytest.mark.parametrize("present", NAMES)
async def test_several_missing_fields_are_all_named(api: Api, present: str) -> None:
    """In the order of the sentence; where all are missing the sentence names them, as on the reference page."""
    told = {"success": False, "error": REQUIRED}
    missing = [name for name in NAMES if name != present]
    response = await api.http.post(SEND_PATH, json={present: GOOD[present]})
    await assert_answer(response, 400, told | {"missing": missing})
    await assert_answer(await api.http.post(SEND_PATH, json={}), 400, told)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"recipientProfileUrn": 5}, "recipientProfileUrn must be a string"),
        ({"recipientProfileUrn": ["a"]}, "recipientProfileUrn must be a string"),
        ({"recipientProfileUrn": "odile-sample-0001"}, VANITY_FORM),
        ({"recipientProfileUrn": "https://www.linkedin.com/in/odile-sample-0001"}, VANITY_FORM),
        (
            {"recipientProfileUrn": None, "recipientProfileId": "urn:li:member:1"},
            PROFILE_FORM.replace("recipientProfileUrn", "recipientProfileId"),
        ),
        ({"recipientProfileUrn": "urn:li:member:1"}, PROFILE_FORM),
        ({"groupId": "abc"}, GROUP_FORM),
        ({"groupId": True}, GROUP_FORM),
        ({"groupId": -1}, GROUP_FORM),
        ({"groupId": 1.5}, GROUP_FORM),
        ({"groupId": {}}, GROUP_FORM),
        ({"message": 5}, "message must be a string"),
        ({"message": "a" * 8001}, "message must be at most 8,000 characters long, but has 8,001"),
        ({"message": "a\0b"}, MESSAGE_FORM),
        ({"accountId": 5}, ACCOUNT_FORM),
        ({"accountId": "xyz"}, ACCOUNT_FORM),
        ({"accountId": "0" * 24}, "accountId must be an account of this workspace"),
    ],
)
async def test_wrong_fields_are_named_with_what_they_must_be(api: Api, change: dict[str, object], error: str) -> None:
    """One sentence that names the field and says what it must be."""
    await assert_answer(await api.http.post(SEND_PATH, json=GOOD | change), 400, {"success": False, "error": error})
    assert api.upstream.seen == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"{'a': 1}",
        b'{"message": NaN}',
        b'{"message": Infinity}',
        b'{"message": 1e999}',
        b'{"message": "\xff\xfe"}',
        b'{"message": "\\ud800"}',
        b'{"message": "\xed\xa0\x80"}',
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"[" * 100_000,
    ],
)
async def test_bodies_that_are_not_json_objects_are_refused(api: Api, body: bytes) -> None:
    """Torn, nested without end, not UTF-8 or not an object: always a 400 that says so."""
    response = await api.http.post(SEND_PATH, data=body)
    shaped = await read_shaped(response)
    assert response.status == 400
    assert shaped["success"] is False
    assert "The body must be a JSON object" in shaped["error"]


async def test_lone_surrogate_in_a_whole_body_is_a_400(api: Api) -> None:
    """JSON may escape half a character; nothing can be sent for it."""
    body = json.dumps(GOOD | {"message": "half \ud800 character"}).encode()
    response = await api.http.post(SEND_PATH, data=body)
    assert response.status == 400
    assert "success" in await read_shaped(response)


@pytest.mark.parametrize(
    "change",
    [
        {"accountId": None},
        {"accountId": ""},
        {"groupId": 12345678},
        {"groupId": "urn:li:fsd_group:12345678"},
        {"groupId": "https://www.linkedin.com/groups/12345678/"},
        {"groupId": " 12345678\n"},
        {"groupId": "urn:li:group:12345678"},
        {"groupId": "M.LinkedIn.com/groups?gid=12345678"},
        {"recipientProfileUrn": f"\t{RECIPIENT} "},
        {"recipientProfileUrn": "urn:li:fs_miniProfile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"},
        {"recipientProfileUrn": "https://www.linkedin.com/in/ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o/?x=1"},
        {"recipientProfileUrn": "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"},
        {"recipientProfileUrn": None, "recipientProfileId": "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"},
        {"unknown": {"fields": ["are", "ignored"]}},
        {"message": "a" * 8000},
        {"message": "  kept\r\nas it is 😀\t"},
    ],
)
async def test_every_accepted_form_is_echoed_as_it_was_given(api: Api, change: dict[str, Any]) -> None:
    """What goes to LinkedIn is the one form; what comes back is the caller's."""
    body = GOOD | change
    await assert_answer(
        await api.http.post(SEND_PATH, json=body),
        200,
        {
            "success": True,
            "message": "Group context message sent successfully",
            "recipientProfileUrn": body["recipientProfileUrn"] or body["recipientProfileId"],
            "groupId": body["groupId"],
        },
    )
    sent = api.upstream.seen[0]
    assert (sent.recipient_urn, sent.group_urn, sent.text) == (RECIPIENT, "urn:li:fsd_group:12345678", body["message"])


KEYS = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    "Bearer confrere_" + "a" * 38,
    "Basic dXNlcjpwYXNz",
    "Bearer \xff\xfe",
    "Bearer " + "x" * 5000,
]


@pytest.mark.parametrize("authorization", KEYS)
async def test_a_wrong_key_of_any_form_gets_the_one_401(api: Api, authorization: str | None) -> None:
    """Nothing else in the body, zeros in the headers, and the challenge of RFC 6750."""
    headers = {} if authorization is None else {"Authorization": authorization}
    raw = await _raw(api, _head("POST", SEND_PATH, headers, b"{}"))
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 401 ")
    assert body == b'{"error":"Unauthorized - Invalid credentials"}'
    for line in (b"www-authenticate: Bearer", b"x-ratelimit-limit: 0", b"x-ratelimit-used: 0"):
        assert line in head


async def test_the_key_is_taken_from_either_header_and_never_from_the_query(api: Api) -> None:
    """`Authorization` in any case of its scheme wins over `X-API-Key`; a query is not looked at."""
    cases: list[tuple[dict[str, str], str, int]] = [
        ({"Authorization": f"bEaReR {api.key}"}, SEND_PATH, 400),
        ({"X-API-Key": api.key}, SEND_PATH, 400),
        ({"Authorization": "Bearer wrong", "X-API-Key": api.key}, SEND_PATH, 401),
        ({}, f"{SEND_PATH}?key={api.key}&api_key={api.key}", 401),
    ]
    for headers, path, status in cases:
        raw = await _raw(api, _head("POST", path, headers, b"{}"))
        assert raw.startswith(b"HTTP/1.1 %d " % status)


async def test_large_bodies_are_refused_without_being_read(api: Api) -> None:
    """128 KiB is the limit, declared or not."""
    error = {"success": False, "error": "The body must be at most 128 KiB"}
    await assert_answer(await api.http.post(SEND_PATH, data=io.BytesIO(b"x" * (10 << 20))), 413, error)

    async def chunks() -> Any:
        for _ in range(100):
            yield b"x" * 4096

    await assert_answer(await api.http.post(SEND_PATH, data=chunks()), 413, error)

    async def one_chunk() -> Any:
        yield b"x" * (200 << 10)

    await assert_answer(await api.http.post(SEND_PATH, data=one_chunk()), 413, error)


async def test_slow_bodies_are_given_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not come does not hold a place for long."""
    monkeypatch.setattr("confrere.http.request.BODY_SECONDS", 0.05)
    head = _head("POST", SEND_PATH, {"Authorization": f"Bearer {api.key}"}, b"{}" * 50)
    raw = await _raw(api, head[:-60])
    assert raw.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", SEND_PATH, 405),
        ("DELETE", "/linkedin/accounts", 405),
        ("GET", "/linkedin/nothing", 404),
        ("POST", "/linkedin", 404),
        ("GET", "/linkedin/account/%00/quota", 404),
        ("GET", "/linkedin/account/" + "0" * 24 + "/quota", 404),
        ("GET", "/linkedin/sends/unknown", 404),
    ],
)
async def test_paths_and_methods_that_do_not_exist(api: Api, method: str, path: str, status: int) -> None:
    """404 and 405 have the API's shape and headers; 405 says what is allowed."""
    response = await api.http.request(method, path)
    shaped = await read_shaped(response)
    assert (response.status, shaped["success"]) == (status, False)
    assert ("Allow" in response.headers) == (status == 405)


async def test_outside_the_api_errors_are_json_too(api: Api) -> None:
    """No page of the web framework's ever shows."""
    for path, status in (("/nothing", 404), ("/health", 200)):
        async with api.http.get(path) as response:
            assert (response.status, response.content_type) == (status, "application/json")
    async with api.http.post("/health") as response:
        assert response.status == 405


async def test_fuzzed_requests_never_get_a_5xx(api: Api) -> None:
    """Any JSON in any field, and any bytes as body or header, are answered 2xx or 4xx in the API's shape."""
    loop = asyncio.get_running_loop()

    async def ask(body: bytes, headers: dict[str, str]) -> None:
        async with api.http.post(SEND_PATH, data=body, headers=headers) as response:
            await read_shaped(response)
            assert response.status < 500, response.status

    fields = st.fixed_dictionaries(
        {},
        optional={name: JSON_VALUES | st.just(GOOD.get(name, "x")) for name in (*GOOD, "accountId", "extra")},
    )
    bodies = fields.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")) | st.binary(max_size=200)
    values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20)
    names = [
        "Idempotency-Key",
        "X-Request-Id",
        "Content-Type",
        "Authorization",
        "X-API-Key",
        "Origin",
        "Accept",
        "X-Any",
    ]
    some_headers = st.dictionaries(st.sampled_from(names), values, max_size=3)

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(bodies, some_headers)
    def fuzz(body: bytes, headers: dict[str, str]) -> None:
        asyncio.run_coroutine_threadsafe(ask(body, headers), loop).result(10)

    await asyncio.to_thread(fuzz)


def _head(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def _raw(api: Api, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answer
