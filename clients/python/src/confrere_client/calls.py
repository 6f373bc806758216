"""A call: its request, and how its answer is decoded. No I/O."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

from confrere_client.arguments import check_idempotency_key, check_text
from confrere_client.decoding import Unreadable, decode
from confrere_client.errors import InvalidRequest
from confrere_client.models import Health, RateLimit

T = TypeVar("T")

Value = str | int | datetime
Query = Mapping[str, Value | None]
Fields = Mapping[str, object]

NULL = object()
"""A field of a body that is sent as null; None leaves it out."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The values of an answer's headers."""

    request_id: str
    rate_limit: RateLimit | None
    replayed: bool

    def shared(self) -> dict[str, object]:
        """The fields of `Answered`."""
        return {"request_id": self.request_id, "rate_limit": self.rate_limit}


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call.

    path:             under the API's base path, or under the root if `at_root`.
    idempotency_key:  of a send; None for everything else.
    changes:          whether doing it twice is not the same as once, so that it is not repeated if it may have arrived.
    described_as:     the path of a send in the API's description, where it has parameters.
    private:          texts that no error may contain.
    read:             decodes the result from the answer's JSON. Raises Unreadable.
    """

    method: str
    path: str
    read: Callable[[object, Facts], T]
    query: Query = field(default_factory=dict)
    body: Fields | None = field(default=None, repr=False)
    idempotency_key: str | None = None
    changes: bool = False
    described_as: str | None = None
    private: Sequence[str] = field(default=(), repr=False)
    at_root: bool = False

    @property
    def is_send(self) -> bool:
        """Whether the call sends a message."""
        return self.idempotency_key is not None

    @property
    def described_path(self) -> str:
        """The path in the API's description."""
        return self.described_as or self.path

    def target(self) -> str:
        """Return path and query. Raises InvalidRequest."""
        given = {name: as_text(name, value) for name, value in self.query.items() if value is not None}
        return self.path + (f"?{urlencode(given)}" if given else "")

    def content(self) -> bytes | None:
        """Encode the body as JSON, without the fields that are None."""
        if self.body is None:
            return None
        given = {name: value for name, value in self.body.items() if value is not None}
        return json.dumps({name: None if value is NULL else value for name, value in given.items()}).encode()


def read_as(kind: type[T]) -> Callable[[object, Facts], T]:
    """Return a reader of an answer that is one object."""
    return lambda value, _facts: decode(kind, value)


def read_answered(kind: type[T]) -> Callable[[object, Facts], T]:
    """Return a reader of an answer that is one object, with the fields of `Answered` from its headers."""
    return lambda value, facts: decode(kind, value, **facts.shared())


def read_health() -> Call[Health]:
    """Check that the process answers; needs no key."""
    return Call("GET", "/health", read_as(Health), at_root=True)


def read_openapi() -> Call[object]:
    """Read the server's OpenAPI document."""
    return Call("GET", "/openapi.json", lambda value, _: value)


def new_key(idempotency_key: str | None) -> str:
    """Return the key of a send: a new one unless one is given. Raises InvalidRequest."""
    key = str(uuid.uuid4()) if idempotency_key is None else idempotency_key
    check_idempotency_key(key)
    return key


def field_of(value: object, name: str) -> object:
    """Return a field of a JSON object. Raises Unreadable."""
    if not isinstance(value, Mapping) or name not in value:
        raise Unreadable(f"{name} is missing")
    return value[name]


def path_part(name: str, value: str) -> str:
    """Return a text as one segment of a path. Raises InvalidRequest."""
    check_text(name, value)
    if not value.strip(". "):
        raise InvalidRequest(f"{name} must not be empty")
    return quote(value, safe="")


def as_text(name: str, value: Value) -> str:
    """Return a value of a query as text. Raises InvalidRequest."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidRequest(f"{name} must know its time zone")
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int):
        raise InvalidRequest(f"{name} must be a string, a number or a datetime, not {type(value).__name__}")
    return str(value)
