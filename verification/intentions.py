"""One logical message of one client, with the answers that it received.

An intention is one text, unique in its run, from one account to one recipient. Its client sends it, and sends it
again only where the contract calls that the same message (section 3): with the same Idempotency-Key; or, without one,
after an answer that did not settle the matter, or after no answer at all. Recipients seeing its text more than once
have been written to doubly, whoever is to blame.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from verification.client import Answer, NoResponse, Response

Timing = tuple[float, float, str]
"""When a request began and ended, and its URL."""


class Style(StrEnum):
    """How a client behaves."""

    KEYED = "with a key, repeats"
    KEYLESS = "without a key, repeats"
    ONCE = "never repeats"
    KEYED_DISCONNECTS = "with a key, disconnects, repeats"
    KEYLESS_DISCONNECTS = "without a key, disconnects, repeats"

    @property
    def has_key(self) -> bool:
        """Whether it sends an Idempotency-Key."""
        return self in (Style.KEYED, Style.KEYED_DISCONNECTS)

    @property
    def disconnects(self) -> bool:
        """Whether it may disconnect before its answer."""
        return self in (Style.KEYED_DISCONNECTS, Style.KEYLESS_DISCONNECTS)


@dataclass
class Intention:
    """A message that a client means to send, and the answers to its requests."""

    text: str
    account: int
    recipient: str
    style: Style
    key: str | None = None
    answers: list[Answer] = field(default_factory=list)
    timings: list[Timing] = field(default_factory=list)

    @property
    def was_reported_sent(self) -> bool:
        """Whether one of its answers was 200."""
        return any(isinstance(answer, Response) and answer.status == 200 for answer in self.answers)

    @property
    def was_reported_not_sent(self) -> bool:
        """Whether each of its answers reported that certainly nothing was sent."""
        return bool(self.answers) and all(map(reports_not_sent, self.answers))

    def __str__(self) -> str:
        begun = self.timings[0][0] if self.timings else 0.0
        answers = "; ".join(
            f"{since - begun:.3f}-{until - begun:.3f} s at {url[-5:]}: {answer}"
            for (since, until, url), answer in zip(self.timings, self.answers, strict=True)
        )
        return f"{self.text!r} ({self.style}) begun {datetime.fromtimestamp(begun, UTC):%T.%f}: {answers}"


def reports_not_sent(answer: Answer) -> bool:
    """Whether it reports for certain that nothing was sent. A 409 is about another request."""
    if isinstance(answer, NoResponse):
        return not answer.reached
    return answer.status not in (200, 409) and answer.outcome != "unknown" and not is_bug(answer)


def is_bug(answer: Answer) -> bool:
    """Whether it is the server's fixed 500 for a bug."""
    return isinstance(answer, Response) and answer.status == 500 and b"internal server error" in answer.content.lower()


def is_settled(answer: Answer) -> bool:
    """Whether a repeat could not change the result."""
    if isinstance(answer, NoResponse):
        return False
    return answer.status in (200, 400, 403, 422) or (answer.status == 429 and b"holdUntil" not in answer.content)


@dataclass(frozen=True)
class Violations:
    """Contradictions between what recipients have seen and what clients were answered."""

    doubled: list[str]
    sent_without_message: list[str]
    denied_but_sent: list[str]


def doubled_texts(intentions: Collection[Intention], messages: Collection[Mapping[str, Any]]) -> list[str]:
    """Return the texts that were seen more than once."""
    times = Counter(message["text"] for message in messages)
    return [each.text for each in intentions if times[each.text] > 1]


def find_violations(intentions: Collection[Intention], seen: Collection[str]) -> Violations:
    """Compare the intentions with `seen`, the texts of all messages that recipients have."""
    times = Counter(seen)
    return Violations(
        doubled=[f"{times[each.text]} times: {each}" for each in intentions if times[each.text] > 1],
        sent_without_message=[str(each) for each in intentions if each.was_reported_sent and each.text not in times],
        denied_but_sent=[str(each) for each in intentions if each.was_reported_not_sent and each.text in times],
    )
