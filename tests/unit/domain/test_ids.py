import time
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.errors import InvalidField
from confrere.domain.ids import (
    is_key_id,
    is_person_of,
    is_placeholder,
    is_record_id,
    new_account_id,
    new_origin_token,
    new_record_id,
    new_send_id,
    parse_account_id,
    parse_idempotency_key,
    send_ids_after,
)

VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=255)


def test_ids_of_sends_grow_with_time() -> None:
    """A later send has a greater id."""
    first = new_send_id()
    time.sleep(0.002)
    assert new_send_id() > first


def test_bound_is_below_every_id_of_its_time_and_above_those_before() -> None:
    """The bound of a time is below every id of its millisecond and above all ids before."""
    send_id = "019cea5b2d2a7c3f8e1b4a6d9f205c71"
    bound = send_ids_after(send_id, timedelta(seconds=1))
    assert bound == f"{0x019CEA5B2D2A - 1000:012x}"
    assert f"{0x019CEA5B2D2A - 1001:012x}" + "f" * 20 < bound <= f"{0x019CEA5B2D2A - 1000:012x}" + "0" * 20
    assert send_ids_after(send_id, timedelta(days=1_000_000)) == "0" * 12


@pytest.mark.parametrize(
    "key",
    [
        *("null", "undefined", "None", "NaN", "nil", "true", "False", "[object Object]", '""', "''", '"undefined"'),
        *("(null)", "<nil>", "undefined-undefined", "null:null", "Null"),
        *("${KEY}", "order-${ID}", "$(uuidgen)", "{{$json.id}}", "order-{{ id }}", "#{key}", "%{key}", "<%= key %>"),
        *("$KEY", "%KEY%", "<your-key>"),
    ],
)
def test_a_placeholder_is_no_idempotency_key(key: str) -> None:
    """A placeholder whose variable was not filled in is rejected, since it would be every message's key."""
    assert is_placeholder(key)
    with pytest.raises(InvalidField, match=r"^idempotencyKey must name this one message, but is a placeholder"):
        parse_idempotency_key(key, field="idempotencyKey")


@pytest.mark.parametrize(
    "key",
    [
        *("order-4711", "null-5", "nan:1", "trueblue", "objective", "none1", "a", "-", "1", "annul", "nullable"),
        *("{0f8fad5b-d9cb-469f-a165-70867728950e}", "a$b", "100%", "5<6", "x{y}", "k" * 255),
    ],
)
def test_a_key_that_differs_from_message_to_message_is_taken(key: str) -> None:
    """A text is a placeholder only if it stands alone or is marked as a variable, so that other keys are accepted."""
    assert parse_idempotency_key(key) == key


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "ключ", "a\n", "\x7f"])
def test_a_key_is_visible_ascii(key: str) -> None:
    """A key has visible ASCII characters, at most 255."""
    with pytest.raises(InvalidField, match=r"^Idempotency-Key must be 1 to 255 visible ASCII characters$"):
        parse_idempotency_key(key)


@given(VISIBLE)
def test_any_visible_key_is_taken_or_called_a_placeholder(key: str) -> None:
    """Any visible key is accepted or rejected as a placeholder."""
    if is_placeholder(key):
        with pytest.raises(InvalidField, match="placeholder"):
            parse_idempotency_key(key)
    else:
        assert parse_idempotency_key(key) == key


def test_what_we_mint_ourselves_is_a_key() -> None:
    """Our own random ids are never rejected as placeholders."""
    for _ in range(1_000):
        for key in (new_origin_token(), new_send_id(), new_account_id()):
            assert parse_idempotency_key(key) == key


@pytest.mark.parametrize("value", [None, ""])
def test_no_account_id_is_the_default_account(value: object) -> None:
    """An account id that is absent, null or empty means the default account."""
    assert parse_account_id(value) is None


def test_an_account_id_is_read_in_either_case_and_with_blanks_around_it() -> None:
    """An account id is accepted with blanks and in either case, and stored in lower case."""
    assert parse_account_id(" \t65F1A2B3c4d5e6f708192a3b\u200b\n") == "65f1a2b3c4d5e6f708192a3b"


@pytest.mark.parametrize("value", [5, True, " ", "abc", "0" * 23, "0" * 25, "g" * 24, ["0" * 24], "undefined"])
def test_what_is_no_account_id_never_becomes_the_default_account(value: object) -> None:
    """A malformed account id is rejected, and never means the default account."""
    with pytest.raises(InvalidField, match=r"^--account must be 24 hexadecimal digits"):
        parse_account_id(value, field="--account")


def test_ids_have_one_form_each() -> None:
    """A record, a key and a person of a campaign are told apart by length; nothing but lower-case digits is taken."""
    record, key = new_record_id(), new_account_id()
    for form, good in ((is_record_id, record), (is_key_id, key), (partial(is_person_of, record), record + "0000000a")):
        assert form(good)
        for bad in (
            "",
            good[:-1],
            good + "0",
            f"{good[:-1]}g",
            f"{good[:-1]}F",
            f"{good[:-1]}\N{ARABIC-INDIC DIGIT ZERO}",
            f"{good}\n",
        ):
            assert not form(bad)
    assert not is_record_id(int(record, 16))
    assert not is_person_of(new_record_id(), record + "0000000a")
