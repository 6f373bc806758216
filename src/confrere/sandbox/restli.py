"""A strict parser of Rest.li's URL syntax: `(key:value,list:List(a,b))`, every value percent-encoded once.

Source: LinkedIn web client, attested: `( ) , :` are structure and stay literal; inside a value they are encoded.
"""

import re
from typing import Final, TypeAlias
from urllib.parse import unquote_to_bytes

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

_PRIMITIVE: Final = re.compile(r"(?:[A-Za-z0-9._~!*'$@/?;=+-]|%[0-9A-Fa-f]{2})+", re.ASCII)
_LIST: Final = "List("
_DEEPEST: Final = 20


class SyntaxFault(ValueError):
    """The text does not match the syntax."""


def parse(text: str) -> Value:
    """Parse a string, a list or a record. Raises SyntaxFault."""
    reader = _Reader(text)
    value = reader.value(0)
    if reader.at != len(text):
        raise SyntaxFault(f"nothing may follow at {reader.at}")
    return value


def parse_record(text: str) -> dict[str, Value]:
    """Parse a record, as in `variables=(…)`. Raises SyntaxFault."""
    value = parse(text)
    if not isinstance(value, dict):
        raise SyntaxFault("not a record")
    return value


def parse_strings(text: str) -> list[str]:
    """Parse the strings of a `List(a,b)`. Raises SyntaxFault."""
    value = parse(text)
    if not isinstance(value, list):
        raise SyntaxFault("not a list")
    strings = [item for item in value if isinstance(item, str)]
    if len(strings) != len(value):
        raise SyntaxFault("not a list of strings")
    return strings


def decode(text: str) -> str:
    """Percent-decode once. Raises SyntaxFault."""
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SyntaxFault("not UTF-8") from error


class _Reader:
    """A recursive-descent parser; `at` is the index of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def value(self, depth: int) -> Value:
        if depth > _DEEPEST:
            raise SyntaxFault("too deep")
        if self.text.startswith("(", self.at):
            self.at += 1
            return self._record(depth)
        if self.text.startswith(_LIST, self.at):
            self.at += len(_LIST)
            return self._list(depth)
        return self._primitive()

    def _record(self, depth: int) -> dict[str, Value]:
        record: dict[str, Value] = {}
        while not self._closed(first=not record):
            key = self._primitive()
            self._expect(":")
            if key in record:
                raise SyntaxFault(f"the key {key} comes twice")
            record[key] = self.value(depth + 1)
        return record

    def _list(self, depth: int) -> list[Value]:
        items: list[Value] = []
        while not self._closed(first=not items):
            items.append(self.value(depth + 1))
        return items

    def _closed(self, *, first: bool) -> bool:
        """Consume a closing bracket and return True, or consume the comma before the next item."""
        if self.text.startswith(")", self.at):
            self.at += 1
            return True
        if not first:
            self._expect(",")
        return False

    def _primitive(self) -> str:
        found = _PRIMITIVE.match(self.text, self.at)
        if found is None:
            raise SyntaxFault(f"a value is due at {self.at}")
        self.at = found.end()
        return "" if found[0] == "''" else decode(found[0])

    def _expect(self, character: str) -> None:
        if not self.text.startswith(character, self.at):
            raise SyntaxFault(f"{character!r} is due at {self.at}")
        self.at += 1
