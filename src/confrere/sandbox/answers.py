"""The kinds of answers, each with its provenance: how it is known that LinkedIn answers so.

An `Answer` can only be made from a declared `Kind`; `/_control/answers` lists them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

Headers = list[tuple[bytes, bytes]]

_encode = msgspec.json.Encoder().encode


class Confidence(StrEnum):
    """How well an answer is known."""

    ATTESTED = "attested"
    """seen in public code or captures of LinkedIn's own web client"""
    DOCUMENTED = "documented"
    """published by LinkedIn or by an API reference"""
    ASSUMED = "assumed"
    """not shown anywhere; made by analogy with similar answers"""


@dataclass(slots=True)
class Answer:
    """An HTTP answer and its kind."""

    kind: "Kind"
    status: int
    headers: Headers
    body: bytes


class Refused(Exception):
    """Raised by a handler to end a request with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(slots=True)
class Kind:
    """A kind of answer: its name, its provenance, and when it is sent."""

    name: str
    confidence: Confidence
    when: str
    given_count: int = field(default=0, compare=False)

    def json(
        self,
        value: Any,
        *,
        status: int = 200,
        headers: Sequence[tuple[bytes, bytes]] = (),
        content_type: bytes = b"application/json",
    ) -> Answer:
        """Make an answer with `value` as its JSON body."""
        return self.raw(_encode(value), content_type, status=status, headers=headers)

    def raw(
        self,
        body: bytes,
        content_type: bytes | None,
        *,
        status: int = 200,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> Answer:
        """Make an answer with this body, unencoded."""
        self.given_count += 1
        lines = [(b"content-length", b"%d" % len(body)), *headers]
        if content_type is not None:
            lines.insert(0, (b"content-type", content_type))
        return Answer(self, status, lines, body)

    def error(self, body: Mapping[str, Any], *, status: int, normalized: bool) -> Answer:
        """Make an answer in the form of LinkedIn's errors: flat, or under `data` in the normalized form.

        Source: LinkedIn web client, attested (both forms); the header `X-RestLi-Error-Response` attested once.
        """
        return self.json(
            {"data": body, "included": []} if normalized else body,
            status=status,
            headers=((b"x-restli-error-response", b"true"),),
            content_type=NORMALIZED if normalized else b"application/json",
        )


NORMALIZED = b"application/vnd.linkedin.normalized+json+2.1"

_kinds: dict[str, Kind] = {}


def attested(name: str, when: str) -> Kind:
    """Declare an answer seen in public code or captures."""
    return _declare(name, Confidence.ATTESTED, when)


def documented(name: str, when: str) -> Kind:
    """Declare an answer that a published reference shows."""
    return _declare(name, Confidence.DOCUMENTED, when)


def assumed(name: str, when: str) -> Kind:
    """Declare an answer that was made by analogy with similar ones."""
    return _declare(name, Confidence.ASSUMED, when)


def _declare(name: str, confidence: Confidence, when: str) -> Kind:
    if name in _kinds:
        raise ValueError(f"the answer {name!r} is declared twice")
    _kinds[name] = Kind(name, confidence, when)
    return _kinds[name]


def declared_kinds() -> list[Kind]:
    """Return all kinds, by name."""
    return sorted(_kinds.values(), key=lambda kind: kind.name)
