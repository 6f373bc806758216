import pytest

from confrere.domain.errors import InvalidField
from confrere.domain.message import MessageText


def test_text_is_kept_byte_for_byte() -> None:
    """Nothing is trimmed or normalised, and the limit counts characters, not bytes."""
    text = "  a\u0301\r\n\t" + "😀" * 7_990 + " "
    assert MessageText.parse(text) == text


@pytest.mark.parametrize("text", ["a" * 8_001, "a\0b", "a\ud800b"])
def test_text_that_could_not_arrive_unchanged_is_refused(text: str) -> None:
    """Too long, NUL and lone surrogates name the field."""
    with pytest.raises(InvalidField, match=r"^message must be"):
        MessageText.parse(text)


def test_text_is_not_shown_by_accident() -> None:
    """A message's text is secret: its repr tells the length only."""
    assert "hello" not in repr(MessageText.parse("hello"))
