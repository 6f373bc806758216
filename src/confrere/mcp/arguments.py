"""Conversion and validation of a tool's arguments, tolerant of how hosts and models write them."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

import msgspec

from confrere.domain.errors import InvalidField

ADDED_BY_HOSTS = frozenset({"action", "chatInput", "sessionId", "toolCallId"})
"""Arguments that workflow tools add to every call. Source: n8n-io/n8n, issues 21500, 21716 and 22787."""

SENT_VERBATIM = frozenset({"message", "text"})
"""Fields of prose, where a number is a mistake and not an id."""

_WHOLE_NUMBER = re.compile(r"([+-]?[0-9]{1,18})(?:\.0*)?", re.ASCII)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_MAX_EXACT_FLOAT = 2.0**53
_LONGEST_ID = 10**64

Schema = Mapping[str, Any]


class Arguments(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The arguments of a tool."""


A = TypeVar("A", bound=Arguments)


def read_arguments(given: Mapping[str, Any], takes: type[A], schema: Schema) -> A:
    """Convert the arguments to the tool's type. Raises InvalidField, which quotes no value.

    Numbers in strings, whole floats, and numbers as ids are converted. Null counts as an omitted argument.
    schema:  the JSON Schema of `takes`, from which the texts of errors are made.
    """
    properties: Mapping[str, Schema] = schema["properties"]
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name in properties:
            values[name] = _convert(value, name, _type_of(properties[name]))
        elif name not in ADDED_BY_HOSTS:
            # A misspelt idempotencyKey that is ignored would let a message go out twice.
            raise _unknown(name, properties)
    values = {name: value for name, value in values.items() if value is not None}
    for name in schema["required"]:
        if name not in values:
            raise InvalidField(name, "is missing")
    try:
        return msgspec.convert(values, takes)
    except msgspec.ValidationError as fault:
        name = re.split(r"[\[`.]", str(fault).partition(" - at `$.")[2])[0]
    # Not chained: the library's text can quote the value.
    raise InvalidField(name, _must_be(_type_of(properties[name])))


def find_nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the most similar name, ignoring case and separators; None where none is similar."""
    plain = {_plain(known): known for known in names}
    found = get_close_matches(_plain(name)[:100], plain, n=1)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _unknown(name: str, properties: Mapping[str, Schema]) -> InvalidField:
    """Return an error that quotes the name only where it resembles one of ours: else it may be a misplaced message."""
    if (nearest := find_nearest(name, properties)) is not None:
        return InvalidField(name, f"is not an argument of this tool; {nearest} is")
    return InvalidField("The arguments", f"hold one that this tool does not have; it has {', '.join(properties)}")


def _type_of(schema: Schema) -> Schema:
    """Return the schema without its alternative null."""
    alternatives: list[Schema] = schema.get("anyOf", [schema])
    return next(one for one in alternatives if one["type"] != "null")


def _convert(value: Any, name: str, schema: Schema) -> Any:
    kind = schema["type"]
    if not _is_sound(value):
        raise InvalidField(name, "must be valid Unicode text without NUL characters")
    if value == "" and (kind != "string" or "enum" in schema or "format" in schema):
        return None  # an empty field of a form
    if kind == "string":
        return _to_text(value, name, schema)
    if kind == "integer":
        return _to_whole_number(value)
    if kind == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower(), value)
    if kind == "array" and isinstance(value, str):
        return [part.strip(' []"') for part in value.split(",")]  # MEMBER,OWNER and "[\"MEMBER\"]" alike
    return value


def _is_sound(value: Any) -> bool:
    """Whether every string in it can be stored and sent: no NUL, no lone surrogate."""
    texts = value if isinstance(value, list) else [value]
    return not any(isinstance(text, str) and _UNSTORABLE.search(text) for text in texts)


def _to_whole_number(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) <= _MAX_EXACT_FLOAT:
        return int(value)
    if isinstance(value, str) and (found := _WHOLE_NUMBER.fullmatch(value.strip())):
        return int(found[1])
    return value


def _to_text(value: Any, name: str, schema: Schema) -> Any:
    if name in SENT_VERBATIM:
        return value
    if "enum" in schema or "format" in schema:
        return value.strip() if isinstance(value, str) else value
    number = _to_whole_number(value)
    if not isinstance(value, str | bool) and isinstance(number, int) and abs(number) < _LONGEST_ID:
        return str(number)
    return value.strip() if isinstance(value, str) else value


def _must_be(schema: Schema) -> str:
    match schema:
        case {"enum": names}:
            return f"must be one of {', '.join(names)}"
        case {"type": "array", "items": {"enum": names}}:
            return f"must be a list of one or more of {', '.join(names)}"
        case {"type": "array", "maxItems": most}:
            return f"must be a list of at most {most} strings"
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"must be a whole number from {least} to {most}"
        case {"type": "boolean"}:
            return "must be true or false"
        case {"format": "date-time"}:
            return "must be an ISO 8601 time with its zone, such as 2026-01-31T09:00:00Z"
        case {"maxLength": most}:
            return f"must be a string of at most {most} characters"
    return "must be a string"
