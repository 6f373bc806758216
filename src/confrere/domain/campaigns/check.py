"""The check before a start: what a campaign would send, to whom not and why, and until when. It sends nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from confrere.domain.campaigns.campaign import Candidate, PersonText, SkipReason
from confrere.domain.campaigns.content_hash import ContentHash
from confrere.domain.campaigns.forecast import Forecast, Queue, forecast
from confrere.domain.campaigns.name_check import NameWarning, check_name
from confrere.domain.campaigns.pace import Pace
from confrere.domain.campaigns.template_values import SharedValues, values_of
from confrere.domain.campaigns.templates import NotRendered, Template
from confrere.domain.message import MessageText
from confrere.domain.pacing import Sent
from confrere.domain.person import Person
from confrere.domain.urns import ProfileUrn

MAX_EXAMPLES: Final = 20
"""Odd names that a warning shows."""

_NO_WAY_OUT: Final = "No sentence was found that offers a way out; add how to answer if no further message is wanted"
ODD_NAMES: Final = (
    "Some names are not as a person would write them; correct them as proposed, or leave these people out"
)
_NAMES: Final = frozenset({"firstName", "lastName", "fullName"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is checked.

    columns:   the audience's names after `custom.`; None where the template was checked before.
    own_urn:   the account's own profile.
    settings:  as JSON values: all that a start must find unchanged, beside people and texts.
    """

    template: Template
    shared: SharedValues
    columns: Collection[str] | None
    own_urn: ProfileUrn | None
    settings: Mapping[str, Any]

    def check_columns(self) -> None:
        """Raise UnknownVariables where the template uses a column that the audience lacks."""
        if self.columns is not None:
            self.template.check_columns(self.columns)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the forecast starts from: see `forecast`."""

    pace: Pace
    sent: Sent
    starts_at: datetime
    sent_today: int = 0
    others: Sequence[Queue] = ()

    def forecast(self, people: int) -> Forecast:
        """Return the forecast of a campaign with so many people."""
        return forecast(Queue(people, self.pace, self.sent_today), self.sent, self.starts_at, others=self.others)


class WarningName(StrEnum):
    """What a person should know before they start a campaign."""

    NO_WAY_OUT = "no_way_out"
    ODD_NAMES = "odd_names"


@dataclass(frozen=True, slots=True)
class OddName:
    """A name as it is, and what is wrong with it."""

    recipient: ProfileUrn
    name: str
    warning: NameWarning


@dataclass(frozen=True, slots=True)
class CheckWarning:
    """A warning about `count` people. examples: the first of them, for odd names."""

    name: WarningName
    text: str
    count: int
    examples: tuple[OddName, ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignCheck:
    """The answer of a check. shortest, longest: None where nobody would be written to."""

    would_send: int
    skipped: Mapping[SkipReason, int]
    shortest: PersonText | None
    longest: PersonText | None
    warnings: tuple[CheckWarning, ...]
    forecast: Forecast
    content_hash: str


class Checking:
    """A check under way: takes people in the audience's order, as many at a time as suits, and keeps none of them.

    Raises:  UnknownVariables where the template uses a column that the audience lacks.
    """

    def __init__(self, plan: Plan) -> None:
        plan.check_columns()
        self._plan = plan
        self._content = ContentHash(plan.settings)
        self._skipped: Counter[SkipReason] = Counter()
        self._would_send = 0
        self._shortest: PersonText | None = None
        self._longest: PersonText | None = None
        self._names = _OddNames() if _NAMES.intersection(plan.template.variables) else None

    def add(self, candidates: Iterable[Candidate]) -> None:
        """Take people. Raises InvalidField as `render` does."""
        for _ in self.take(candidates):
            pass

    def take(self, candidates: Iterable[Candidate]) -> Iterator[PersonText]:
        """Take people as `add` does, and yield what each is to get."""
        for candidate, made in _rendered(candidates, self._plan):
            self._content.add(candidate.one.recipient, None if isinstance(made, NotRendered) else made)
            one = _to_person_text(candidate, made, self._plan)
            yield one
            if one.text is None:
                assert one.skip is not None
                self._skipped[one.skip] += 1
                continue
            self._would_send += 1
            self._shortest = (
                one if self._shortest is None or len(one.text) < _length(self._shortest) else self._shortest
            )
            self._longest = one if self._longest is None or len(one.text) > _length(self._longest) else self._longest
            if self._names is not None:
                self._names.add(candidate.one.person)

    @property
    def content_hash(self) -> str:
        """Of the people so far, their texts and the settings."""
        return self._content.hexdigest()

    def finish(self, outlook: Outlook) -> CampaignCheck:
        """Return the check of all who were taken."""
        return CampaignCheck(
            self._would_send,
            dict(self._skipped),
            self._shortest,
            self._longest,
            tuple(self._warnings()),
            outlook.forecast(self._would_send),
            self.content_hash,
        )

    def _warnings(self) -> Iterator[CheckWarning]:
        from confrere.domain.campaigns.way_out import offers_way_out  # here: it compiles its phrases, which takes time

        samples = [one.text for one in (self._shortest, self._longest) if one is not None and one.text is not None]
        if not all(map(offers_way_out, samples)):
            yield CheckWarning(WarningName.NO_WAY_OUT, _NO_WAY_OUT, self._would_send)
        if self._names is not None and self._names.count:
            yield self._names.to_warning()


def check_campaign(candidates: Iterable[Candidate], plan: Plan, outlook: Outlook) -> CampaignCheck:
    """Check a campaign at once; see `Checking`."""
    checking = Checking(plan)
    checking.add(candidates)
    return checking.finish(outlook)


def make_texts(candidates: Iterable[Candidate], plan: Plan) -> Iterator[PersonText]:
    """Yield what each person is to get, as `Checking` counts them. Raises as it does."""
    plan.check_columns()
    for candidate, made in _rendered(candidates, plan):
        yield _to_person_text(candidate, made, plan)


class _OddNames:
    def __init__(self) -> None:
        self.count = 0
        self._examples: list[OddName] = []

    def add(self, person: Person) -> None:
        if (warning := check_name(person.first_name, person.last_name)) is None:
            return
        self.count += 1
        if len(self._examples) < MAX_EXAMPLES:
            self._examples.append(OddName(person.profile_urn, person.full_name or "", warning))

    def to_warning(self) -> CheckWarning:
        return CheckWarning(WarningName.ODD_NAMES, ODD_NAMES, self.count, tuple(self._examples))


def _rendered(candidates: Iterable[Candidate], plan: Plan) -> Iterator[tuple[Candidate, MessageText | NotRendered]]:
    """Also for those who are skipped: the content does not change when somebody opts out meanwhile."""
    for candidate in candidates:
        yield candidate, plan.template.render(values_of(candidate.one.person, candidate.one.custom, plan.shared))


def _to_person_text(candidate: Candidate, made: MessageText | NotRendered, plan: Plan) -> PersonText:
    """The first reason that applies: what the store knows, the account itself, then the text."""
    skip = candidate.skip
    if skip is None and candidate.one.recipient == plan.own_urn:
        skip = SkipReason.OWN_ACCOUNT
    if skip is None and isinstance(made, NotRendered):
        skip = made.reason
    return PersonText(candidate.one, None if skip or isinstance(made, NotRendered) else made, skip)


def _length(one: PersonText) -> int:
    assert one.text is not None
    return len(one.text)
