"""One request and what comes of it, without saying how it travels."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is to be sent. Its headers hold the API key and its content the message: neither is shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What was answered; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why there is none. may_have_left: whether the server may have the request."""

    why: str
    may_have_left: bool
