"""Decoding of JSON to the dataclasses of `models`, by their type hints.

Fields that a model does not have are ignored. A field that may be None is None where the answer lacks it or holds
another type, so that one odd field of one member does not make the page unreadable.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[object], Any]


class Unreadable(Exception):
    """The JSON does not match the model; the text names the place, and holds none of the content."""


def decode(kind: type[T], value: object, **known: object) -> T:
    """Decode a dataclass from a JSON object. known: values of fields that are not in the JSON. Raises Unreadable."""
    if not isinstance(value, Mapping):
        raise Unreadable(f"{kind.__name__} is not an object")
    given = dict(known)
    for name, wire_name, read, needed in _read_fields(cast("Hashable", kind)):
        if name in given:
            continue
        if wire_name in value:
            given[name] = _read(read, value[wire_name], wire_name)
        elif needed:
            given[name] = _read(read, None, wire_name)
    return kind(**given)


def decode_list(kind: type[T], value: object) -> tuple[T, ...]:
    """Decode a tuple of dataclasses from a JSON array. Raises Unreadable."""
    items: tuple[T, ...] = _sequence(lambda item: decode(kind, item))(value)
    return items


def parse_time(text: str | None) -> datetime | None:
    """Parse an ISO 8601 time as an aware datetime, UTC where it has no zone; None for anything else."""
    try:
        return _moment(text)
    except Unreadable:
        return None


def _read(read: Reader, value: object, where: str) -> object:
    try:
        return read(value)
    except Unreadable as fault:
        raise Unreadable(f"{where}: {fault}") from None


@cache
def _read_fields(kind: Hashable) -> tuple[tuple[str, str, Reader, bool], ...]:
    """Return for each field its name, its name in JSON, its reader, and whether it has no default."""
    assert isinstance(kind, type)
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    return tuple(
        (
            field.name,
            to_camel(field.name),
            _reader(hints[field.name]),
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in fields(kind)
    )


def to_camel(name: str) -> str:
    """Return a field's name in JSON."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _reader(hint: Any) -> Reader:
    if get_origin(hint) is UnionType:
        [inner] = [part for part in get_args(hint) if part is not NoneType]
        return _optional(_reader(inner))
    if get_origin(hint) is Mapping:
        return _mapping(_reader(get_args(hint)[1]))
    if get_origin(hint) is tuple:
        return _sequence(_reader(get_args(hint)[0]))
    return _SCALARS.get(hint) or (lambda value: decode(hint, value))


def _optional(read: Reader) -> Reader:
    def read_or_none(value: object) -> object:
        try:
            return None if value is None else read(value)
        except Unreadable:
            return None

    return read_or_none


def _sequence(read: Reader) -> Reader:
    def read_all(value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise Unreadable("not a list")
        return tuple(_read(read, item, f"[{place}]") for place, item in enumerate(value))

    return read_all


def _mapping(read: Reader) -> Reader:
    def read_all(value: object) -> dict[str, object]:
        if not isinstance(value, Mapping):
            raise Unreadable("not an object")
        return {str(name): _read(read, item, "a value") for name, item in value.items()}

    return read_all


def _text(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):  # a groupId is echoed as it was sent
        return str(value)
    if not isinstance(value, str):
        raise Unreadable("not a string")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable("not a whole number")
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unreadable("neither true nor false")
    return value


def _moment(value: object) -> datetime:
    """Read an ISO 8601 time, or epoch milliseconds, which conversations have."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        moment = datetime.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        raise Unreadable("not an ISO 8601 time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(value: object) -> date:
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise Unreadable("not an ISO 8601 day") from None


_SCALARS: Mapping[Any, Reader] = {str: _text, int: _integer, bool: _boolean, date: _day, datetime: _moment}
