"""The check before a start."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import Candidate, PersonText, SkipReason
from confrere.domain.campaigns.check import (
    MAX_EXAMPLES,
    CampaignCheck,
    Checking,
    Outlook,
    Plan,
    WarningName,
    check_campaign,
    make_texts,
)
from confrere.domain.campaigns.forecast import Queue, forecast
from confrere.domain.campaigns.pace import Pace
from confrere.domain.campaigns.template_values import SharedValues
from confrere.domain.campaigns.templates import UnknownVariables, parse_template
from confrere.domain.message import MAX_CHARACTERS
from confrere.domain.pacing import Sent
from confrere.domain.person import Person
from confrere.domain.urns import ProfileUrn

WAY_OUT = "If you'd rather not hear from me, just say so."
OUTLOOK = Outlook(Pace((), daily_cap=2), Sent([], 0, 150), datetime(2026, 3, 13, tzinfo=UTC))
OWN = ProfileUrn("urn:li:fsd_profile:ACoAAown")


def plan(text: str = f"Hi {{{{ firstName }}}}! {WAY_OUT}", **settings: Any) -> Plan:
    """A campaign with this template."""
    return Plan(parse_template(text), SharedValues("Bees", "Sam", "Stone"), ["city"], OWN, settings)


def candidate(number: int, first: str | None = "Anna", skip: SkipReason | None = None, **custom: str) -> Candidate:
    """Somebody in the audience."""
    person = Person(ProfileUrn(f"urn:li:fsd_profile:ACoAA{number}"), None, first, "Smith")
    return Candidate(AudiencePerson(person, custom), skip)


def checked(*candidates: Candidate, of: Plan | None = None) -> CampaignCheck:
    """The check of these people."""
    return check_campaign(iter(candidates), of or plan(), OUTLOOK)


def test_everybody_is_counted_once_with_the_first_reason_that_applies() -> None:
    """Each person is written to or has one reason: what the store knows comes before what their text lacks."""
    check = checked(
        candidate(1),
        candidate(2, None),
        candidate(3, None, SkipReason.DO_NOT_CONTACT),
        candidate(4, "x" * MAX_CHARACTERS),
        candidate(5, skip=SkipReason.REPLIED_BEFORE),
        Candidate(AudiencePerson(Person(OWN, None, "Sam", "Stone"))),
        candidate(7),
    )
    assert check.would_send == 2
    assert check.skipped == {
        SkipReason.BLANK_VARIABLE: 1,
        SkipReason.DO_NOT_CONTACT: 1,
        SkipReason.TEXT_TOO_LONG: 1,
        SkipReason.REPLIED_BEFORE: 1,
        SkipReason.OWN_ACCOUNT: 1,
    }


def test_the_shortest_and_the_longest_text_are_shown() -> None:
    """The check shows the shortest and the longest text with whose they are, among those who would be written to."""
    check = checked(
        candidate(1, "Anna"), candidate(2, "Jo"), candidate(3, "Al", SkipReason.DO_NOT_CONTACT), candidate(4, "Maria")
    )
    assert check.shortest is not None
    assert check.longest is not None
    assert (check.shortest.person.recipient, check.shortest.text) == ("urn:li:fsd_profile:ACoAA2", f"Hi Jo! {WAY_OUT}")
    assert (check.longest.person.recipient, check.longest.person.name) == ("urn:li:fsd_profile:ACoAA4", "Maria Smith")
    assert "rather not" not in repr(check)


def test_nobody_to_write_to_is_an_answer() -> None:
    """A campaign that would write to nobody has no texts, no warnings and an empty forecast."""
    check = checked(candidate(1, None))
    assert (check.would_send, check.shortest, check.longest, check.warnings) == (0, None, None, ())
    assert check.forecast.per_day == ()


def test_the_forecast_is_of_those_who_would_be_written_to() -> None:
    """The forecast counts the people who get a message, by the pace of the campaign."""
    check = checked(*(candidate(number) for number in range(5)), candidate(9, None))
    assert check.forecast == forecast(Queue(5, OUTLOOK.pace), OUTLOOK.sent, OUTLOOK.starts_at)
    assert check.forecast.ends_on == date(2026, 3, 15)


def test_a_text_without_a_way_out_is_warned_of() -> None:
    """A template that offers no way out, to some people or to all, gives a warning."""
    (warning,) = checked(candidate(1), of=plan("Hi!")).warnings
    assert warning.name is WarningName.NO_WAY_OUT
    some = plan(f"Hi!{{% if custom.city %}} {WAY_OUT}{{% endif %}}")
    (warning,) = checked(candidate(1, city="Bonn"), candidate(2), of=some).warnings
    assert warning.name is WarningName.NO_WAY_OUT
    assert checked(candidate(1)).warnings == ()


def test_odd_names_are_warned_of_where_they_are_used() -> None:
    """Odd names give one warning with their number and clean forms, unless the template uses no name."""
    odd = [candidate(number, "SMITH, Anna") for number in range(MAX_EXAMPLES + 3)]
    (warning,) = checked(candidate(99), *odd).warnings
    assert (warning.name, warning.count, len(warning.examples)) == (WarningName.ODD_NAMES, len(odd), MAX_EXAMPLES)
    assert warning.examples[0].warning.first_name == "Anna"
    assert checked(*odd, of=plan(f"Hi! {WAY_OUT}")).warnings == ()


def test_an_unknown_column_fails_the_check() -> None:
    """A template with a column that the audience lacks is refused, also where the audience is empty."""
    with pytest.raises(UnknownVariables):
        checked(of=plan("Hi {{ custom.town }}"))


people = st.lists(
    st.builds(
        candidate,
        st.integers(0, 99),
        st.none() | st.sampled_from(["Anna", "Jo", "x" * MAX_CHARACTERS]),
        st.none() | st.sampled_from([SkipReason.DO_NOT_CONTACT, SkipReason.NOT_IN_GROUP]),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)  # a template is parsed each time
@given(people)
def test_a_start_makes_what_was_checked(candidates: list[Candidate]) -> None:
    """What a start freezes has the same numbers as the check, nobody left out and nobody with both text and reason."""
    check, made = checked(*candidates), list(make_texts(iter(candidates), plan()))
    assert len(made) == len(candidates) == check.would_send + sum(check.skipped.values())
    assert sum(one.text is not None for one in made) == check.would_send
    assert all((one.text is None) == (one.skip is not None) for one in made)


@settings(max_examples=40, deadline=None)
@given(people, people)
def test_the_hash_is_of_people_and_texts(one: list[Candidate], other: list[Candidate]) -> None:
    """Two checks have the same hash exactly if the people and their texts are the same, in the same order."""

    def content(candidates: list[Candidate]) -> list[tuple[str, str | None]]:
        return [
            (each.one.recipient, first if (first := each.one.person.first_name) and len(first) < 9 else None)
            for each in candidates
        ]

    assert (checked(*one).content_hash == checked(*other).content_hash) == (content(one) == content(other))


@settings(max_examples=40, deadline=None)
@given(people, st.integers(1, 5))
def test_pages_make_no_difference(candidates: list[Candidate], size: int) -> None:
    """However many people a check is given at a time, it is the same check; what it yields is what a start makes."""
    checking, made = Checking(plan()), list[PersonText]()
    for start in range(0, len(candidates), size):
        made += checking.take(candidates[start : start + size])
    assert checking.finish(OUTLOOK) == checked(*candidates)
    assert made == list(make_texts(candidates, plan()))


def test_the_hash_is_of_the_settings_and_not_of_who_opted_out() -> None:
    """A changed setting changes the hash; somebody who opts out meanwhile does not."""
    before = checked(candidate(1), candidate(2), of=plan(dailyCap=5)).content_hash
    assert checked(candidate(1), candidate(2), of=plan(dailyCap=6)).content_hash != before
    opted_out = candidate(2, skip=SkipReason.DO_NOT_CONTACT)
    assert checked(candidate(1), opted_out, of=plan(dailyCap=5)).content_hash == before


def test_people_are_not_kept() -> None:
    """A check reads one person after the other and keeps none but those that it shows."""
    alive = 0

    class Counted(dict[str, str]):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def stream() -> Iterator[Candidate]:
        nonlocal alive
        for number in range(200):
            alive += 1
            yield Candidate(AudiencePerson(candidate(number).one.person, Counted()))
            assert alive < 10

    assert check_campaign(stream(), plan(), OUTLOOK).would_send == 200
