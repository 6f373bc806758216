"""Parsing of answers: values, errors with their attributes, and nothing private."""

import json
import pickle
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from confrere_client import models
from confrere_client.accounts import Accounts, Sends
from confrere_client.address import read_address
from confrere_client.calls import Call
from confrere_client.classify import Failed, Succeeded, classify
from confrere_client.decoding import Unreadable, decode
from confrere_client.errors import (
    ConfrereClientError,
    ConnectionFailed,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerError,
    Unauthorized,
)
from confrere_client.groups import list_members
from confrere_client.http import HttpAnswer, HttpRequest, NoAnswer
from confrere_client.messaging import send
from confrere_client.transport import MAY_HAVE_LEFT, read_error

NOW = datetime(2026, 3, 14, 9, 0, 0, tzinfo=UTC)
TEXT = "Do you still sell the blue one?"
QUOTA = {
    "x-request-id": "req-1",
    "x-ratelimit-action": "MESSAGE",
    "x-ratelimit-limit": "150",
    "x-ratelimit-used": "150",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "2026-03-15T00:00:00Z",
}


def failure(
    status: int, body: object, headers: Mapping[str, str] | None = None, *, a_send: bool = True
) -> ConfrereClientError:
    """Return the error that an answer becomes."""
    a_message = send("/s", recipient="r", group_id="1", message=TEXT, account_id=None, idempotency_key="k")
    call: Call[Any] = a_message if a_send else Accounts.list.build(None)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    came = HttpAnswer(status, {**QUOTA, **(headers or {})}, content)
    failed = classify(call, came, request_id="ours", now=NOW, private=["confrere_key"])
    assert isinstance(failed, Failed)
    return failed.error


def sends_since(since: Any) -> str:
    """Return path and query of the first page of an account's sends."""
    call = Accounts.sends.build(None, "a", since=since).next_call()
    assert call is not None
    return call.target()


# ---- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, ServerError),
        (400, InvalidRequest),
        (401, Unauthorized),
        (402, InvalidRequest),
        (403, Refused),
        (404, NotFound),
        (405, InvalidRequest),
        (413, InvalidRequest),
        (422, InvalidRequest),
        (429, RateLimited),
        (500, ServerError),
        (503, ServerError),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[ConfrereClientError]) -> None:
    """Each status raises its error, with the answer's status, sentence, request id and quota."""
    error = failure(status, {"success": False, "error": "Because."}, a_send=False)
    assert type(error) is kind
    assert str(error).startswith(f"{status}: Because.")
    assert (error.status, error.request_id, error.code) == (status, "req-1", None)
    assert error.rate_limit == models.RateLimit(
        action="MESSAGE", limit=150, used=150, remaining=0, reset_at=datetime(2026, 3, 15, tzinfo=UTC)
    )


def test_a_refusal_has_linkedins_own_words() -> None:
    """The error of a refusal has LinkedIn's code, status and sentence."""
    details = {"status": 404, "statusText": "Not Found", "data": {"code": "GONE", "message": "Cannot be found"}}
    error = failure(403, {"success": False, "message": "Request failed", "errorDetails": details})
    assert isinstance(error, Refused)
    assert error.code == "GONE"
    assert error.details == models.Refusal(status=404, status_text="Not Found", code="GONE", message="Cannot be found")
    assert str(error) == "403: Request failed: GONE: Cannot be found"


@pytest.mark.parametrize(
    ("body", "headers", "seconds"),
    [
        ({}, {"retry-after": "120"}, 120),
        ({}, {"retry-after": "Sat, 14 Mar 2026 09:02:00 GMT"}, 120),
        ({"holdUntil": "2026-03-14T09:10:00Z"}, {}, 600),
        ({}, {}, 15 * 3600),
        ({}, {"x-ratelimit-remaining": "3"}, None),
        ({}, {"x-ratelimit-remaining": "3", "retry-after": "soon"}, None),
    ],
)
def test_when_to_come_again(body: object, headers: dict[str, str], seconds: float | None) -> None:
    """The wait is that of Retry-After in both forms, else of the hold, else of a used-up quota, else None."""
    error = failure(429, body, headers)
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_a_hold_is_in_the_error() -> None:
    """The error of a throttled account has the end of the hold as a time."""
    error = failure(429, {"error": "…", "success": False, "holdUntil": "2026-03-14T09:10:00Z"})
    assert isinstance(error, RateLimited)
    assert error.hold_until == NOW + timedelta(minutes=10)


@pytest.mark.parametrize("body", [b"<html>", b"", b"\xff", b"[1]", b'{"error": {"message": "Inner"}}', b'{"error": 7}'])
def test_any_error_body_is_accepted(body: bytes) -> None:
    """Any error body is accepted: a proxy's page is not quoted, and an error that is an object is."""
    text = str(failure(400, body))
    assert text == ("400: Inner" if b"Inner" in body else "400: an answer without a reason")


@pytest.mark.parametrize("status", [200, 302, 400, 403, 429, 500, 503])
@pytest.mark.parametrize("secret", [TEXT, "confrere_key"])
def test_no_error_shows_the_text_or_the_key(status: int, secret: str) -> None:
    """No error quotes the message or the key, even where the server's sentence does."""
    words = {"status": 403, "data": {"code": secret, "message": secret}}
    error = failure(status, {"error": f"Bad: {secret}", "success": False, "errorDetails": words})
    assert secret not in f"{error} {error!r}"


def test_a_short_message_does_not_hide_the_reason() -> None:
    """A short message that is part of ordinary words, like "hi" of "this", does not hide the reason."""
    call = send("/s", recipient="r", group_id="1", message="hi", account_id=None, idempotency_key="k")
    came = HttpAnswer(403, {}, json.dumps({"success": False, "error": "LinkedIn refused this"}).encode())
    failed = classify(call, came, request_id="ours", now=NOW, private=["k"])
    assert isinstance(failed, Failed)
    assert str(failed.error) == "403: LinkedIn refused this"


def test_only_the_repeated_text_is_hidden() -> None:
    """Only the message itself is redacted from the reason."""
    error = failure(403, {"success": False, "error": f"Spam: '{TEXT}' was sent too often"})
    assert str(error) == "403: Spam: '[not shown]' was sent too often"


def test_missing_fields_are_named() -> None:
    """The error has the server's list of missing fields."""
    sentence = "recipientProfileUrn, groupId, and message are required"
    error = failure(400, {"success": False, "error": sentence, "missing": ["message"]})
    assert isinstance(error, InvalidRequest)
    assert (error.missing, str(error)) == (("message",), f"400: {sentence}")
    bare = failure(400, {"success": False, "error": sentence})
    assert isinstance(bare, InvalidRequest)
    assert bare.missing == ()


def test_what_is_wrong_with_a_key_is_shown() -> None:
    """The error of a 401 has the mistake that the header names, since its body is always the same."""
    challenge = 'Bearer error="invalid_request", error_description="this is not a whole key"'
    error = failure(401, {"error": "Unauthorized - Invalid credentials"}, {"www-authenticate": challenge})
    assert str(error) == "401: Unauthorized - Invalid credentials: this is not a whole key"


def test_errors_can_be_pickled() -> None:
    """Errors survive pickling with all their attributes, so that a worker process can return them."""
    error = failure(403, {"success": False, "message": "no", "errorDetails": {"status": 403, "data": {"code": "X"}}})
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_nothing_private_is_shown_of_requests() -> None:
    """The representations of requests contain no key, no text and no position of either."""
    call = send("/s", recipient="r", group_id="1", message=TEXT, account_id=None, idempotency_key="k")
    address = read_address("http://host", "confrere_key")
    request = HttpRequest("POST", "http://host/s", address.headers(), call.content())
    shown = repr([call, address, request, HttpAnswer(200, {}, call.content() or b"")])
    assert "confrere_key" not in shown
    assert TEXT not in shown


def test_every_error_of_the_http_library_is_known() -> None:
    """Each transport error of the HTTP library is classified by whether the request may have been sent."""

    def leaves(kind: type[httpx2.TransportError]) -> set[type[httpx2.TransportError]]:
        below = set(kind.__subclasses__())
        return set().union(*map(leaves, below)) if below else {kind}

    assert leaves(httpx2.TransportError) - {httpx2.SSEError} == set(MAY_HAVE_LEFT)  # no stream of events is read
    assert read_error(httpx2.NetworkError("?")) == NoAnswer("NetworkError: ?", may_have_left=True)
    failed = classify(Accounts.list.build(None), read_error(httpx2.ReadTimeout("")), request_id="ours", now=NOW)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ConnectionFailed)
    assert (failed.error.request_id, failed.error.status) == ("ours", None)


# ---- values ---------------------------------------------------------------------------------------------------------


def test_a_number_is_echoed_as_the_group_that_it_is() -> None:
    """A group's id that was sent as a number is returned as text."""
    call = send("/s", recipient="r", group_id=7, message=TEXT, account_id=None, idempotency_key="k")
    came = HttpAnswer(200, {}, b'{"success": true, "recipientProfileUrn": "r", "groupId": 7}')
    sent = classify(call, came, request_id="ours", now=NOW)
    assert isinstance(sent, Succeeded)
    assert sent.value == models.Sent(
        request_id="ours", rate_limit=None, recipient_profile_urn="r", group_id="7", idempotency_key="k"
    )


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"success": false}'])
def test_a_200_without_success_is_no_success(body: bytes) -> None:
    """A proxy's page with status 200 does not count as a sent message."""
    error = failure(200, body)
    assert isinstance(error, ServerError)
    assert not isinstance(error, OutcomeUnknown)  # that is decided over all attempts


def test_one_odd_field_does_not_cost_the_page() -> None:
    """An optional field that is missing or of another type is None; a required one must be right."""
    page = decode(
        models.MemberPage,
        {"members": [{"profileId": "A", "followerCount": "many", "later": 1}], "hasMore": True},
        request_id="",
        rate_limit=None,
    )
    assert (page.members[0].profile_id, page.members[0].follower_count, page.members[0].badges) == ("A", None, ())
    with pytest.raises(Unreadable, match=r"members: \[1\]: Member is not an object"):
        decode(models.MemberPage, {"members": [{}, 7]}, request_id="", rate_limit=None)
    with pytest.raises(Unreadable, match="used: not a whole number"):
        decode(models.Quota, {"feature": "MESSAGE", "used": True})


# ---- requests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "base_url",
    ["http://host", "http://host/", " http://host//\n", "http://host/linkedin", "http://host/linkedin/"],
)
def test_the_address_with_and_without_the_base_path(base_url: str) -> None:
    """The base URL is accepted with and without the base path, with slashes and line ends behind it."""
    address = read_address(base_url, "k")
    assert (address.root, address.api) == ("http://host", "http://host/linkedin")


def test_a_server_may_stand_under_a_path() -> None:
    """A proxy's path before the base path is kept."""
    assert read_address("https://host/gate/linkedin/", "k").api == "https://host/gate/linkedin"


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "host",
        "ftp://host",
        "http://",
        "http://me:word@host",
        "http://host?x=1",
        "http://host:port",
        "http://host:99999",
        "http://ho st",
        "http://ho\nst",
        "http://[::1",
        "http://host/linkedin/messaging/send-group",
    ],
)
def test_what_is_no_address_is_refused(base_url: str) -> None:
    """A malformed base URL is rejected when the client is created, not at the first send."""
    with pytest.raises(ValueError, match="base_url"):
        read_address(base_url, "k")


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        ("Bearer confrere_secret", "without the word Bearer"),
        ("bearer confrere_secret", "without the word Bearer"),
        ("Bearer", "without the word Bearer"),
        ("'confrere_secret'", "quotes"),
        ("<confrere_secret>", "quotes"),
        ("${CONFRERE_SECRET}", "placeholder"),
        ("confrere_ secret", "blanks"),
        ("confrere_secret\nconfrere_secret", "blanks"),
        ("confrere_secrét", "ASCII"),
    ],
)
def test_a_key_that_was_copied_with_something_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, key: str, complaint: str
) -> None:
    """A key with copied extra text is rejected by an error that names text and argument, and not the key."""
    with pytest.raises(ValueError, match=f"^api_key must be .*{complaint}") as refused:
        read_address("http://host", key)
    assert "secr" not in str(refused.value).lower()
    monkeypatch.setenv("CONFRERE_API_KEY", key)
    with pytest.raises(ValueError, match=f"^CONFRERE_API_KEY must be .*{complaint}"):
        read_address("http://host", None)


def test_wrong_types_are_refused_when_the_client_is_made() -> None:
    """An argument of a wrong type is rejected when the client is created."""
    with pytest.raises(TypeError, match="base_url"):
        read_address(b"http://host", "k")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="api_key"):
        read_address("http://host", b"k")  # type: ignore[arg-type]


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an argument the key is read from the environment, without the line end that files have."""
    monkeypatch.setenv("CONFRERE_API_KEY", "from-environment\n")
    assert read_address("http://host", None).api_key == "from-environment"
    assert read_address("http://host", "given").api_key == "given"
    with pytest.raises(ValueError, match="api_key must be") as refused:
        read_address("http://host", "two words")
    assert "two words" not in str(refused.value)


@pytest.mark.parametrize(
    "key", ["", "two words", "schlüssel", "k" * 256, "undefined", "<nil>", "${ORDER}", "{{id}}", "None"]
)
def test_a_bad_idempotency_key_is_refused_at_once(key: str) -> None:
    """A malformed idempotency key is rejected before anything is sent."""
    with pytest.raises(InvalidRequest):
        send("/s", recipient="r", group_id="1", message=TEXT, account_id=None, idempotency_key=key)


@pytest.mark.parametrize("key", ["order-4711-hello", "none-of-your-business", "Nano", "true-story-7", "null7"])
def test_an_ordinary_idempotency_key_is_taken(key: str) -> None:
    """An ordinary idempotency key is accepted, even if it begins like a placeholder."""
    assert send("/s", recipient="r", group_id=1, message="m", account_id=None, idempotency_key=key).is_send


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"recipient": None}, "recipient must be a string, not None"),
        ({"group_id": 1.5}, "group_id must be a string or an int, not float"),
        ({"group_id": True}, "group_id must be a string or an int, not bool"),
        ({"message": TEXT.encode()}, "message must be a string, not bytes"),
        ({"account_id": 7}, "account_id must be a string, not int"),
        ({"idempotency_key": 4711}, "idempotency_key must be a string, not int"),
        ({"message_urns": "urn:li:1"}, "message_urns must be a list of strings, not str"),
        ({"message_urns": [7]}, "each of message_urns must be a string, not int"),
    ],
)
def test_a_wrong_type_is_refused_at_once(wrong: dict[str, Any], complaint: str) -> None:
    """An argument of a wrong type raises an error that names it and quotes no value."""
    right: dict[str, Any] = {"recipient": "r", "group_id": 1, "message": "m", "account_id": None}
    with pytest.raises(InvalidRequest) as refused:
        send("/s", **{**right, "idempotency_key": "k", **wrong})
    assert str(refused.value) == complaint


@pytest.mark.parametrize(
    ("group", "wrong", "complaint"),
    [
        ({"groupId": None}, {}, "group_id must be"),
        ({"groupUrl": b"x"}, {}, "group_url must be"),
        ({"groupId": 7}, {"count": "5"}, "count must be an int, not str"),
        ({"groupId": 7}, {"membership_statuses": "OWNER"}, "membership_statuses must be a list of strings, not str"),
    ],
)
def test_wrong_types_of_reads_are_refused_at_once(group: Any, wrong: dict[str, Any], complaint: str) -> None:
    """Reads reject arguments of a wrong type by name, like sends."""
    page: dict[str, Any] = {"start": 0, "count": 5, "membership_statuses": None, "typeahead_query": None}
    with pytest.raises(InvalidRequest, match=complaint):
        list_members(group, **{**page, "account_id": None, **wrong})


def test_wrong_types_in_paths_and_queries_are_refused_at_once() -> None:
    """An id that is not text, or a time that is not a time, is rejected before anything is sent."""
    with pytest.raises(InvalidRequest, match="send_id must be a string, not int"):
        Sends.get.build(None, 7)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="since must be"):
        sends_since(1.5)


def test_ids_stay_within_their_part_of_the_path() -> None:
    """An id cannot change the path of the request."""
    assert Sends.get.build(None, "a/../b?c").target() == "/sends/a%2F..%2Fb%3Fc"
    for bad in ("", "..", "."):
        with pytest.raises(InvalidRequest):
            Accounts.quota.build(None, bad)


def test_a_time_without_a_zone_is_refused() -> None:
    """A time without a zone is rejected, since it is ambiguous."""
    with pytest.raises(InvalidRequest, match="since"):
        sends_since(NOW.replace(tzinfo=None))
    assert sends_since(NOW) == "/account/a/sends?since=2026-03-14T09%3A00%3A00%2B00%3A00&limit=100"
