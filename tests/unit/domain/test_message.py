import pytest

from confrere.domain.errors import InvalidField
from confrere.domain.message import MessageText, is_blank


def test_text_is_kept_byte_for_byte() -> None:
    """A text is not trimmed or normalised, and the limit counts characters and not bytes."""
    text = "  a\u0301\r\n\t" + "😀" * 7_990 + " "
    assert MessageText.parse(text) == text


@pytest.mark.parametrize("text", ["a" * 8_001, "a\0b", "a\ud800b"])
def test_text_that_could_not_arrive_unchanged_is_refused(text: str) -> None:
    """A text that is too long, or has NUL or lone surrogates, is rejected by field."""
    with pytest.raises(InvalidField, match=r"^message must be"):
        MessageText.parse(text)


def test_the_error_for_a_long_text_has_its_length() -> None:
    """The error for a long text has its length."""
    with pytest.raises(InvalidField, match=r"^message must be at most 8,000 characters long, but has 12,345$"):
        MessageText.parse("a" * 12_345)


@pytest.mark.parametrize(
    "text",
    ["", "  \r\n\t", "\u00a0\u2003", "\u200b", "\ufeff\u200e", "\u00ad", "\u3164", "\u2800", "\x01", "\ufe0f"],
)
def test_a_text_in_which_nothing_can_be_seen_is_blank(text: str) -> None:
    """A text of blanks, control and format characters or fillers is blank."""
    assert is_blank(text)
    with pytest.raises(InvalidField, match=r"^message must be a text in which something can be seen, but is blank"):
        MessageText.parse(text)


@pytest.mark.parametrize("text", ["\u200bx", ".", "❤️", "👩\u200d🚀", "\U0010fffd", "\u0378", "e\u0301", "שלום\u200f"])
def test_a_text_with_something_to_see_is_kept_with_what_is_invisible_in_it(text: str) -> None:
    """A text with a visible character keeps its invisible ones and those that this Python's Unicode lacks."""
    assert MessageText.parse(text) == text


@pytest.mark.parametrize("value", [None, 5, ["a"], {"text": "a"}])
def test_what_is_no_text_is_no_message(value: object) -> None:
    """Any JSON value that is not text is rejected."""
    with pytest.raises(InvalidField, match=r"^message must be a string$"):
        MessageText.parse(value)


def test_text_is_not_shown_by_accident() -> None:
    """The repr of a message has the length of its text only."""
    assert "hello" not in repr(MessageText.parse("hello"))
