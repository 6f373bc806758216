"""The check before a start: what a campaign would send, to whom not and why, and until when. It sends nothing."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import PersonText, SkipReason
from confrere.domain.campaigns.content_hash import ContentHash
from confrere.domain.campaigns.forecast import Forecast, forecast
from confrere.domain.campaigns.name_check import NameWarning, check_name
from confrere.domain.campaigns.pace import Pace
from confrere.domain.campaigns.template_values import SharedValues, values_of
from confrere.domain.campaigns.templates import NotRendered, Template
from confrere.domain.campaigns.way_out import offers_way_out
from confrere.domain.message import MessageText
from confrere.domain.pacing import Sent
from confrere.domain.person import Person
from confrere.domain.urns import ProfileUrn

MAX_EXAMPLES: Final = 20
"""Odd names that a warning shows."""

_NO_WAY_OUT: Final = "No sentence was found that offers a way out; add how to answer if no further message is wanted"
_ODD_NAMES: Final = (
    "Some names are not as a person would write them; correct them as proposed, or leave these people out"
)
_NAMES: Final = frozenset({"firstName", "lastName", "fullName"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the audience. skip: why they would be skipped, as far as the store knows; None: they would not."""

    one: AudiencePerson
    skip: SkipReason | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is checked.

    columns:   the audience's names after `custom.`.
    own_urn:   the account's own profile.
    settings:  as JSON values: all that a start must find unchanged, beside people and texts.
    """

    template: Template
    shared: SharedValues
    columns: Collection[str]
    own_urn: ProfileUrn | None
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the forecast starts from: see `forecast`."""

    pace: Pace
    sent: Sent
    starts_at: datetime
    sent_of_campaign: int = 0
    others: Sequence[int] = ()


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


def check_campaign(candidates: Iterable[Candidate], plan: Plan, outlook: Outlook) -> CampaignCheck:
    """Check a campaign; `candidates` are read once, in the audience's order, and not kept.

    Raises:  UnknownVariables where the template uses a column that the audience lacks; InvalidField as `render` does.
    """
    content = ContentHash(plan.settings)
    skipped: Counter[SkipReason] = Counter()
    would_send = 0
    shortest: PersonText | None = None
    longest: PersonText | None = None
    names = _OddNames() if _NAMES.intersection(plan.template.variables) else None
    for candidate, made in _rendered(candidates, plan):
        content.add(candidate.one.recipient, None if isinstance(made, NotRendered) else made)
        one = _to_person_text(candidate, made, plan)
        if one.text is None:
            assert one.skip is not None
            skipped[one.skip] += 1
            continue
        would_send += 1
        shortest = one if shortest is None or len(one.text) < _length(shortest) else shortest
        longest = one if longest is None or len(one.text) > _length(longest) else longest
        if names is not None:
            names.add(candidate.one.person)
    warnings = [] if names is None or not names.count else [names.to_warning()]
    if any(one is not None and one.text is not None and not offers_way_out(one.text) for one in (shortest, longest)):
        warnings.insert(0, CheckWarning(WarningName.NO_WAY_OUT, _NO_WAY_OUT, would_send))
    return CampaignCheck(
        would_send,
        dict(skipped),
        shortest,
        longest,
        tuple(warnings),
        forecast(
            would_send,
            outlook.pace,
            outlook.sent,
            outlook.starts_at,
            sent_of_campaign=outlook.sent_of_campaign,
            others=outlook.others,
        ),
        content.hexdigest(),
    )


def make_texts(candidates: Iterable[Candidate], plan: Plan) -> Iterator[PersonText]:
    """Yield what each person is to get, as `check_campaign` counts them. Raises as it does."""
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
        return CheckWarning(WarningName.ODD_NAMES, _ODD_NAMES, self.count, tuple(self._examples))


def _rendered(candidates: Iterable[Candidate], plan: Plan) -> Iterator[tuple[Candidate, MessageText | NotRendered]]:
    """Also for those who are skipped: the content does not change when somebody opts out meanwhile."""
    plan.template.check_columns(plan.columns)
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
