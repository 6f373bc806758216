import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.credentials import PLAIN, Headers, api_key, challenge
from confrere.domain.keys import new_key, visible_part

KEY = new_key()
OTHER_SERVICE = "sk_live_0123456789abcdefghijklmnop"


def of(authorization: str) -> Headers:
    """Build the headers with this Authorization."""
    return {b"authorization": authorization.encode("latin-1")}


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (of(KEY), "lacks the word Bearer"),
        (of("Basic dXNlcjpwYXNz"), "the scheme of the Authorization header must be Bearer"),
        (of(f"Token {KEY}"), "the scheme of the Authorization header must be Bearer"),
        (of(""), "the Authorization header is empty"),
        (of("Bearer"), "no key follows the word Bearer"),
        (of("Bearer  "), "no key follows the word Bearer"),
        (of(f"Bearer: {KEY}"), "a blank, and nothing else"),
        (of(f"Bearer={KEY}"), "a blank, and nothing else"),
        (of(f"Bearer Bearer {KEY}"), "the word Bearer stands there twice"),
        (of("Bearer <your_api_key>"), "this is a placeholder"),
        (of("Bearer undefined"), "this is a placeholder"),
        (of("Bearer ${CONFRERE_KEY}"), "this is a placeholder"),
        (of(f'Bearer "{KEY}"'), "without quotes or brackets"),
        (of(f"Bearer <{KEY}>x, {KEY}"), "there must be one key"),
        (of(f"Bearer {KEY} {KEY}"), "there must be one key"),
        (of(f"Bearer {KEY[:-1]}"), "this is not a whole key: its checksum says so"),
        (of(f"Bearer {KEY[:-1]}_"), "this is not a whole key: its checksum says so"),
        (of(f"Bearer {KEY}x"), "this is not a whole key: its checksum says so"),
        (of("Bearer " + visible_part(KEY).encode().decode("latin-1")), "Lists show only the beginning"),
        (of(f"Bearer {OTHER_SERVICE}"), "this is no key of this server: they begin with confrere_"),
        ({b"x-api-key": f"Bearer {KEY}".encode()}, "X-API-Key takes the key alone"),
        ({b"x-api-key": KEY[:-2].encode()}, "this is not a whole key"),
        ({b"x-api-key": b"null"}, "this is a placeholder"),
    ],
)
def test_the_challenge_names_the_mistake(headers: Headers, words: str) -> None:
    """The challenge names the mistake in the form of RFC 6750, without the key."""
    written = challenge(headers).decode()
    assert written.startswith('Bearer error="invalid_request", error_description="')
    assert words in written
    assert KEY[9:30] not in written


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"x-api-key": b""},
        of(f"Bearer {KEY}"),
        of(f"bearer  {KEY} "),
        {b"x-api-key": KEY.encode()},
        of("Bearer wrong"),
    ],
)
def test_the_challenge_is_plain_where_the_header_shows_no_mistake(headers: Headers) -> None:
    """The challenge is the same plain one without a key and for every well-formed key, unknown or revoked."""
    assert challenge(headers) == PLAIN


@given(st.binary(max_size=80) | st.text(st.sampled_from('Bearer confrere_"\\<>,'), max_size=60).map(str.encode))
def test_any_header_gets_a_challenge_that_can_be_written(value: bytes) -> None:
    """For any header the challenge is one quoted string of the characters that RFC 6750 allows."""
    for name in (b"authorization", b"x-api-key"):
        written = challenge({name: value})
        head, _, quoted = written.partition(b'error_description="')
        assert head in (PLAIN, b'Bearer error="invalid_request", ')
        assert all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in quoted.removesuffix(b'"'))
        assert isinstance(api_key({name: value}), str)
