"""One-time codes and recovery codes."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from confrere.access.totp import (
    RECOVERY_CODES,
    code_at,
    hash_recovery_code,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_code_of,
    setup_uri,
    step_at,
)

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The examples of RFC 6238, appendix B, in six digits."""
    assert code_at(RFC_SECRET, step_at(datetime.fromtimestamp(seconds, UTC))) == code


@pytest.mark.parametrize(("off", "counts"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_counts_beside_its_time(off: int, counts: bool) -> None:
    """A clock may be half a minute off, not more."""
    code = code_at(RFC_SECRET, step_at(NOON + timedelta(seconds=off)))
    assert (matching_step(RFC_SECRET, code, NOON) is not None) == counts


def test_a_code_counts_once() -> None:
    """The step of the last code, and all before, are used up; the next one is not."""
    step = step_at(NOON)
    for after, counts in ((step - 1, True), (step, False), (step + 1, False)):
        assert (matching_step(RFC_SECRET, code_at(RFC_SECRET, step), NOON, after=after) is not None) == counts
    assert matching_step(RFC_SECRET, code_at(RFC_SECRET, step + 1), NOON, after=step) == step + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\u0661\u0662\u0663", "\udcff", "9" * 10_000])
def test_what_is_no_code_is_refused(typed: str) -> None:
    """Anything may be typed."""
    assert matching_step(RFC_SECRET, typed, NOON) is None
    assert recovery_code_of(typed) is None


def test_blanks_in_a_code_are_ignored() -> None:
    """Apps show it in two halves."""
    code = code_at(RFC_SECRET, step_at(NOON))
    assert matching_step(RFC_SECRET, f" {code[:3]} {code[3:]}\n", NOON) == step_at(NOON)


def test_the_address_for_apps_has_name_and_secret() -> None:
    """Apps show the product and the user's name, whatever is in it."""
    secret = new_secret()
    parts = urlsplit(setup_uri(secret, "Odile & <Söhne>/?#"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Confrere:Odile & <Söhne>/?#"
    expected = {"secret": [secret], "issuer": ["Confrere"], "digits": ["6"], "period": ["30"]}
    assert parse_qs(parts.query) == expected
    assert len(base64.b32decode(secret)) == 20
    assert new_secret() != secret


def test_recovery_codes_are_found_however_they_are_typed() -> None:
    """Ten different codes; case, dashes and blanks do not matter, the user does."""
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES
    for code in codes:
        typed = code.upper().replace("-", " ")
        assert hash_recovery_code("user", typed) == hash_recovery_code("user", code)
        assert hash_recovery_code("another", code) != hash_recovery_code("user", code)
