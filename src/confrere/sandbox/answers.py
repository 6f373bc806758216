"""Every answer the sandbox can give, and how we know that LinkedIn gives it.

An `Answer` can only be made from a declared `Kind`, so none is without its provenance; `/_control/answers` lists them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

Headers = list[tuple[bytes, bytes]]

_encode = msgspec.json.Encoder().encode


class Confidence(StrEnum):
    """How an answer is known."""

    ATTESTED = "attested"
    """seen in public code or captures of LinkedIn's own web client"""
    DOCUMENTED = "documented"
    """published by LinkedIn or by an API reference"""
    ASSUMED = "assumed"
    """nowhere shown; made in the likeness of its neighbours"""


@dataclass(slots=True)
class Answer:
    """One HTTP answer, and the kind it is of."""

    kind: "Kind"
    status: int
    headers: Headers
    body: bytes


class Refused(Exception):
    """A request was answered before its handler came to an end."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(slots=True)
class Kind:
    """A sort of answer: its name, how it is known, and one sentence on when it is given."""

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
        """This answer with `value` as its JSON body."""
        return self.raw(_encode(value), content_type, status=status, headers=headers)

    def raw(
        self,
        body: bytes,
        content_type: bytes | None,
        *,
        status: int = 200,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> Answer:
        """This answer with `body` as it stands."""
        self.given_count += 1
        lines = [(b"content-length", b"%d" % len(body)), *headers]
        if content_type is not None:
            lines.insert(0, (b"content-type", content_type))
        return Answer(self, status, lines, body)

    def error(self, body: Mapping[str, Any], *, status: int, normalized: bool) -> Answer:
        """This answer as LinkedIn shapes its errors: flat, or under `data` where the normalized form was asked for.

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
    """Declare an answer that we made up in the likeness of its neighbours."""
    return _declare(name, Confidence.ASSUMED, when)


def _declare(name: str, confidence: Confidence, when: str) -> Kind:
    if name in _kinds:
        raise ValueError(f"the answer {name!r} is declared twice")
    _kinds[name] = Kind(name, confidence, when)
    return _kinds[name]


def declared_kinds() -> list[Kind]:
    """All answers of the sandbox, by name."""
    return sorted(_kinds.values(), key=lambda kind: kind.name)
