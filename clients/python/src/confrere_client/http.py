"""HTTP requests and their results, independent of the HTTP library."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request. Its repr shows neither headers, which hold the API key, nor content, which holds the message."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The reason why there is no answer. may_have_left: whether the server may have the request."""

    why: str
    may_have_left: bool
