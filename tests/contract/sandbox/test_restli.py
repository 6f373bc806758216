import contextlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.sandbox.restli import SyntaxFault, Value, parse, parse_record, parse_strings

_texts = st.text(max_size=20).filter(lambda text: "\x00" not in text)
_values: st.SearchStrategy[Value] = st.recursive(
    _texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts.filter(bool), inner, max_size=4),
    max_leaves=12,
)


def write(value: Value) -> str:
    """The value in Rest.li's syntax."""
    match value:
        case str():
            return quote(value, safe="") or "''"
        case list():
            return f"List({','.join(map(write, value))})"
        case dict():
            return f"({','.join(f'{write(key)}:{write(item)}' for key, item in value.items())})"


@given(_values)
def test_what_is_written_is_read(value: Value) -> None:
    """Every value that can be written is read back the same."""
    assert parse(write(value)) == value


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Any text gives a value or a SyntaxFault."""
    with contextlib.suppress(SyntaxFault):
        parse(text)


@given(_values)
def test_a_generic_encoder_is_refused(value: Value) -> None:
    """Variables whose structure was percent-encoded too are not of the syntax."""
    with pytest.raises(SyntaxFault):
        parse_record(quote(write(value), safe=""))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(",
        "(a:b",
        "(a:b))",
        "(a)",
        "(a:)",
        "(:b)",
        "(a:b,)",
        "(a:b,a:c)",
        "(a:b)c",
        "(a:urn:li:fsd_group:1)",
        "(a:x(y))",
        "(a:List(b,))",
        "(a:%zz)",
        "(a:%)",
        "(a:%ff)",
        "(a:é)",
        "(a:b c)",
        "(a: b)",
        "(" * 50 + ")" * 50,
    ],
)
def test_sloppy_variables_are_refused(text: str) -> None:
    """Malformed variables are rejected, and not read as something else."""
    with pytest.raises(SyntaxFault):
        parse_record(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("()", {}),
        ("(a:List())", {"a": []}),
        ("(a:'')", {"a": ""}),
        ("(a:%27%27)", {"a": "''"}),
        ("(a:2-Zm9v_-=)", {"a": "2-Zm9v_-="}),
        ("(a:(b:List((c:d),e)))", {"a": {"b": [{"c": "d"}, "e"]}}),
        ("(urn:urn%3Ali%3Ax%3A%28a%2Cb%29)", {"urn": "urn:li:x:(a,b)"}),
        ("(a:%2528)", {"a": "%28"}),
    ],
)
def test_the_forms_of_the_web_client_are_read(text: str, value: Value) -> None:
    """Records, lists, compound URNs and both forms of an empty value are read and decoded once."""
    assert parse_record(text) == value


@pytest.mark.parametrize("text", ["a", "(a:b)", "List((a:b))", "List(List())"])
def test_a_list_of_strings_is_nothing_else(text: str) -> None:
    """A parameter that has to be a list of strings is rejected otherwise."""
    with pytest.raises(SyntaxFault):
        parse_strings(text)
