import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.http.json_diagnosis import explain, explain_value

GOOD = '{"recipientProfileUrn": "ACoAAx", "groupId": "5", "message": "Hello"}'


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "but is empty"),
        (b" \r\n", "but is empty"),
        (GOOD.encode("utf-16"), "in UTF-8, but is in UTF-16 or UTF-32"),
        (GOOD.encode("utf-16-be"), "in UTF-8, but is in UTF-16 or UTF-32"),
        ('{"a":\n"Zoé"}'.encode("latin-1"), "in UTF-8; the byte 10, in line 2, is in another encoding"),
        (b"groupId=5&message=Hello+you", "but is form-encoded: send JSON, with Content-Type: application/json"),
        (b"--boundary\r\nContent-Disposition: form-data", "but is form-encoded"),
        (b'{"a":\n "one\ntwo"}', "but has a line break within a string at line 2, column 6: write it as \\n"),
        (b'{"a": "one\r\ntwo"}', "but has a line break within a string at line 1, column 11: write it as \\n"),
        (b'{"a": "one\ttwo"}', "but has a tab within a string at line 1, column 11: write it as \\t"),
        (b'{"a": "one\x00two"}', "but has a control character within a string at line 1, column 11"),
        (b'{"a": 1,}', "but has a comma too many"),
        (b'{"a": [1, 2, ]}', "but has a comma too many"),
        (b'{"a": "C:\\dir"}', "but has a backslash at line 1, column 10 that escapes nothing"),
        (b"{'a': 1}", "but has a single quote at line 1, column 2"),
        (b"'{\"a\": 1}'", "but has a single quote at line 1, column 1"),
        ("{“a”: 1}".encode(), "but has a typographic quote at line 1, column 2"),
        (b"{a: 1}", "but has a name without double quotes at line 1, column 2"),
        (b'{"a": "He said "hi" to me"}', "but is not valid at line 1, column 17: is a double quote within a string"),
        (b'{"a": 1 "b": 2}', "but is not valid at line 1, column 9"),
        (b'{"a": 1} // why', "but goes on after its end at line 1, column 10"),
        (b'// why\n{"a": 1}', "but has a comment at line 1, column 1"),
        (b'{"a": "Hel', "but ends within the string that begins at line 1, column 7"),
        (b'{"a": ', "but ends too early, at line 1, column 7: is it cut off?"),
        (b"{", "but ends too early, at line 1, column 2: is it cut off?"),
        (b'{"a": NaN}', "but has a number that JSON does not know, such as NaN or Infinity"),
        (b'{"a": 1e999}', "but has a number that JSON does not know"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "but has a number with too many digits"),
        (b"[" * 100_000, "but is nested too deeply"),
        (b'{"a": "\\ud83d"}', "in UTF-8, but has half a character"),
        (b"hello", "but is not valid at line 1, column 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_body_that_is_no_json_gets_the_reason(body: bytes, why: str) -> None:
    """The reason is one clause, with line and column if there are any."""
    reason = explain(body, "application/json")
    assert reason.startswith("must be a JSON object")
    assert why in reason


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_is_known_by_its_content_type_too(content_type: str) -> None:
    """A form is detected by its content type, unless the body begins like JSON, since curl sends form by default."""
    assert "form-encoded" in explain(b"Hello", content_type)
    assert "comma too many" in explain(b'{"a": 1,}', content_type)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (json.dumps(GOOD), "must be a JSON object, not a string"),
        (GOOD, "must be a JSON object, but is a JSON string with an object in it: it was encoded twice"),
        ([], "must be a JSON object, not a list: make a request for each of its elements"),
        (None, "must be a JSON object, not null"),
        (5, "must be a JSON object, not a number, true or false"),
        (True, "must be a JSON object, not a number, true or false"),
    ],
)
def test_json_that_is_no_object_is_named_by_its_type(value: object, reason: str) -> None:
    """The reason names the JSON type, and a JSON object inside a string as a double encoding."""
    assert explain_value(value) == reason
    assert explain(json.dumps(value).encode(), "application/json") == reason


SECRET = "a text that is nobody else's business"


@given(
    st.integers(0, 120),
    st.sampled_from(["", '"', "\n", ",", "'", "{", "}", "\\", "\x00", "\ud800", "NaN", "“"]),
    st.booleans(),
)
def test_the_diagnosis_quotes_nothing_and_always_ends(at: int, noise: str, cut: bool) -> None:
    """The diagnosis quotes nothing of the message and always ends, whatever is wrong."""
    text = json.dumps({"message": SECRET, "groupId": "5", "recipientProfileUrn": "ACoAAx"})
    damaged = text[:at] + noise + ("" if cut else text[at:])
    reason = explain(damaged.encode("utf-8", "surrogatepass"), "")
    assert reason.startswith("must be a JSON object")
    assert not any(word in reason.split() for word in ("nobody", "else's", "business"))


@given(st.binary(max_size=60))
def test_what_the_server_cannot_decode_always_gets_a_reason(body: bytes) -> None:
    """Any bytes that the server cannot decode get a reason."""
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        assert explain(body, "").startswith("must be a JSON object")
