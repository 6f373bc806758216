"""The text of a message."""

from unicodedata import category

from confrere.domain.errors import InvalidField

MAX_CHARACTERS = 8_000
"""A message's length limit in Unicode characters. Source: the HTTP contract, section 1, "Fields"."""

_INVISIBLE_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})

_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for start, end in ((0xFE00, 0xFE10), (0xE0100, 0xE01F0)) for code in range(start, end)
}
"""Fillers, the empty Braille pattern and variation selectors: letters, marks and symbols that show nothing alone."""


class MessageText(str):
    """1-8,000 Unicode characters, sent exactly as given. Its repr shows the length only: texts are secret."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object, *, field: str = "message") -> "MessageText":
        """The text as it is. Raises InvalidField where LinkedIn could not be given it unchanged."""
        if not isinstance(value, str):
            raise InvalidField(field, "must be a string")
        if len(value) > MAX_CHARACTERS:
            raise InvalidField(field, f"must be at most {MAX_CHARACTERS:,} characters long, but has {len(value):,}")
        if "\0" in value or not _is_encodable(value):
            raise InvalidField(field, "must be valid Unicode text without NUL characters")
        if is_blank(value):
            raise InvalidField(field, "must be a text in which something can be seen, but is blank")
        return cls(value)

    def __repr__(self) -> str:
        return f"<MessageText of {len(self)} characters>"


def is_blank(text: str) -> bool:
    """Whether nothing in the text can be seen: it is empty, or all blanks, control and format characters."""
    for one in text:  # noqa: SIM110 (ends at the first letter; a generator takes three times as long)
        if category(one) not in _INVISIBLE_CATEGORIES and one not in _BLANK_LETTERS:
            return False
    return True


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # lone surrogates
        return False
    return True
