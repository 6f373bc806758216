"""What a template is rendered from: the values of one person, with the blank ones marked.

A blank variable is false in conditions, and equal to nil, blank, empty and ""; it stays blank through every filter but
`default`, and a text that would show it is not made.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from confrere.domain.message import is_blank
from confrere.domain.person import Person
from confrere.domain.urns import trimmed

CUSTOM: Final = "custom"
NAMES: Final = (
    "firstName",
    "lastName",
    "fullName",
    "headline",
    "publicIdentifier",
    "groupName",
    "senderFirstName",
    "senderLastName",
)
"""The variables that every template may use, beside `custom.<column>`."""

FILTERS: Final = frozenset(
    {"append", "capitalize", "default", "downcase", "first", "last", "lstrip", "prepend", "remove", "remove_first"}
    | {"remove_last", "rstrip", "size", "slice", "split", "squish", "strip", "strip_newlines", "truncate"}
    | {"truncatewords", "upcase"}
)
"""Without `date`, which knows the present time, and without those that multiply a text's length, as `replace` does."""

NOT_SENDABLE: Final = re.compile("[\0\ud800-\udfff]")

Values = Mapping[str, object]
"""What `values_of` returns."""


@dataclass(frozen=True, slots=True)
class SharedValues:
    """What is the same for everybody in a campaign."""

    group_name: str | None
    sender_first_name: str | None
    sender_last_name: str | None


def values_of(person: Person, custom: Mapping[str, str], shared: SharedValues) -> Values:
    """Return what a template is rendered from; blanks around values are taken off."""
    own = CustomValues()
    for column, value in custom.items():
        own[column] = _value(value, f"{CUSTOM}.{column}")
    return {
        "firstName": _value(person.first_name, "firstName"),
        "lastName": _value(person.last_name, "lastName"),
        "fullName": _value(person.full_name, "fullName"),
        "headline": _value(person.headline, "headline"),
        "publicIdentifier": _value(person.public_id, "publicIdentifier"),
        **_shared_values(shared),
        CUSTOM: own,
    }


@lru_cache(maxsize=16)
def _shared_values(shared: SharedValues) -> Mapping[str, str]:
    return {
        "groupName": _value(shared.group_name, "groupName"),
        "senderFirstName": _value(shared.sender_first_name, "senderFirstName"),
        "senderLastName": _value(shared.sender_last_name, "senderLastName"),
    }


class Nothing(str):
    """What conditions see of a blank variable: as a str equal to blank, empty and ""; as an Undefined, not true."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return other is None or str.__eq__(self, other) is True

    __hash__ = str.__hash__


NOTHING: Final = Nothing()


class Blank(str):
    """The value of a variable that is blank."""

    __slots__ = ("name",)
    name: str

    force_liquid_default = True

    @classmethod
    def of(cls, name: str) -> "Blank":
        """The value of this variable."""
        blank = cls()
        blank.name = name
        return blank

    def __liquid__(self) -> object:
        return NOTHING


class BlankShown(Exception):
    """A text would show a variable that is blank."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class TextTooLong(Exception):
    """A text outgrew the limit of a message while it was made."""


class TemplateFault(Exception):
    """A template cannot be parsed, or fails with some values; the text quotes no value. line: where it is known."""

    def __init__(self, why: str, line: int | None) -> None:
        super().__init__(why)
        self.line = line


class CustomValues(dict[str, str]):
    """A person's own columns; those that they lack are blank."""

    __slots__ = ()

    def __missing__(self, column: str) -> str:
        return Blank.of(f"{CUSTOM}.{column}")


def _value(value: str | None, name: str) -> str:
    if value is None:
        return Blank.of(name)
    if value.isascii() and value.isalnum():  # most names
        return value
    value = trimmed(value)
    if is_blank(value) or NOT_SENDABLE.search(value):
        return Blank.of(name)
    return value
