"""The text of a message."""

from confrere.domain.errors import InvalidField

MAX_CHARACTERS = 8_000
"""A message's length limit in Unicode characters. Source: the HTTP contract, section 1, "Fields"."""


class MessageText(str):
    """1-8,000 Unicode characters, sent exactly as given. Its repr shows the length only: texts are secret."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "MessageText":
        """`text` as it is. Raises InvalidField where LinkedIn could not be given it unchanged."""
        if len(text) > MAX_CHARACTERS:
            raise InvalidField("message", f"must be at most {MAX_CHARACTERS:,} characters long")
        if "\0" in text or not _is_encodable(text):
            raise InvalidField("message", "must be valid Unicode text without NUL characters")
        return cls(text)

    def __repr__(self) -> str:
        return f"<MessageText of {len(self)} characters>"


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # lone surrogates
        return False
    return True
