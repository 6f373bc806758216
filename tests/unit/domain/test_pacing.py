"""When an account may send again: the arithmetic of each rule, alone and combined."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from confrere.domain.limits import Action, window_end, window_start
from confrere.domain.pacing import (
    MINUTE,
    LimitName,
    Pacing,
    Sent,
    WarmUp,
    find_breach,
    first_contact_limit,
    longest_gap,
    message_limit,
    next_allowed,
)
from confrere.domain.sending_hours import find_common_opening
from tests.unit.domain.strategies import hours, instants, pacings

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
INSTANT = timedelta(microseconds=1)


def ago(*seconds: float, now: datetime = NOW) -> list[datetime]:
    """Return sends of these ages, newest first."""
    return sorted((now - timedelta(seconds=each) for each in seconds), reverse=True)


def after(rules: Sequence[Pacing], sent: Sent, then: datetime, now: datetime) -> Sent:
    """Return the same account later: windows that have ended begin with nothing used."""
    same_day = window_start(Action.MESSAGE, then) == window_start(Action.MESSAGE, now)
    same_month = window_start(Action.GROUP_FIRST_CONTACT, then) == window_start(Action.GROUP_FIRST_CONTACT, now)
    contacts = sent.first_contacts if same_month or sent.first_contacts is None else 0
    return Sent(sent.recent, sent.today if same_day else 0, sent.daily_limit, contacts)


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Pacing], Sent, datetime]:
    """Draw rules of a workspace and an account whose hours overlap, earlier sends, and a time."""
    now = draw(instants)
    rules = draw(st.lists(pacings, max_size=2))
    assume(find_common_opening([each.sending_hours for each in rules if each.sending_hours], now) is not None)
    recent = ago(*draw(st.lists(st.floats(-90, 90_000), max_size=8)), now=now)
    today = draw(st.integers(0, 160))
    return rules, Sent(recent, today, draw(st.integers(1, 150)), draw(st.none() | st.integers(0, 25))), now


@given(situations())
def test_who_waits_as_asked_gets_through(situation: tuple[list[Pacing], Sent, datetime]) -> None:
    """At the time that an error names no rule is broken, if nothing else was sent meanwhile."""
    rules, sent, now = situation
    opening = next_allowed(rules, sent, now)
    assert opening >= now
    if opening > now:
        assert find_breach(rules, after(rules, sent, opening, now), opening) is None


@given(situations())
def test_the_reported_wait_is_not_too_long(situation: tuple[list[Pacing], Sent, datetime]) -> None:
    """A millisecond before the time that an error names, some rule is still broken."""
    rules, sent, now = situation
    opening = next_allowed(rules, sent, now)
    if opening > now:
        before = opening - INSTANT
        assert find_breach(rules, after(rules, sent, before, now), before) is not None


@given(situations(), pacings)
def test_another_rule_never_shortens_the_wait(situation: tuple[list[Pacing], Sent, datetime], more: Pacing) -> None:
    """A further rule never shortens the wait."""
    rules, sent, now = situation
    all_hours = [each.sending_hours for each in (*rules, more) if each.sending_hours]
    assume(find_common_opening(all_hours, now) is not None)
    assert next_allowed([*rules, more], sent, now) >= next_allowed(rules, sent, now)


def test_hours_that_meet_in_winter_only_open_in_winter() -> None:
    """Hours that overlap only in one season of the clocks open then, and a warm-up starts then."""
    berlin = Pacing(sending_hours=hours("Europe/Berlin", "01:00", "02:00"), warm_up=WarmUp(date(2025, 4, 1), 1, 0))
    utc = Pacing(sending_hours=hours("UTC", "00:00", "01:00"))
    opening = next_allowed([berlin, utc], Sent([], 0, 150), datetime(2025, 1, 1, 12, tzinfo=UTC))
    assert opening == datetime(2025, 10, 27, tzinfo=UTC)


@given(st.integers(1, 5), st.lists(st.floats(0, 300), min_size=1, max_size=60))
def test_no_minute_holds_more_than_its_limit(limit: int, tries: list[float]) -> None:
    """Any 60 seconds hold at most `limit` sends, whenever they come, if clients wait as the error asks."""
    rules, sent_at = [Pacing(writes_per_minute=limit)], list[datetime]()
    waiting = sorted(NOW + timedelta(seconds=each) for each in tries)
    while waiting:
        now = waiting.pop(0)
        breach = find_breach(rules, Sent(sorted(sent_at, reverse=True), 0, 1_000), now)
        if breach is None:
            sent_at.append(now)
        else:
            waiting = sorted([*waiting, breach.opens_at])
    for first, beyond in zip(sent_at, sent_at[limit:], strict=False):
        assert beyond - first >= MINUTE


def test_rolling_minute_reports_what_is_used() -> None:
    """The error of the rolling minute has the sends of the last 60 s, also after the limit was lowered."""
    breach = find_breach([Pacing(writes_per_minute=2)], Sent(ago(10, 20, 50, 60), 4, 150), NOW)
    assert breach is not None
    assert (breach.name, breach.used, breach.limit) == (LimitName.WRITES_PER_MINUTE, 3, 2)
    assert breach.opens_at == NOW + 40 * SECOND


def test_gap_is_between_the_latest_send_and_the_next() -> None:
    """The gap is counted from the latest send, may exceed a minute, and is over at its very end."""
    rules = [Pacing(min_gap=timedelta(minutes=5))]
    breach = find_breach(rules, Sent(ago(299.5, 4_000), 2, 150), NOW)
    assert breach is not None
    assert (breach.name, breach.used, breach.limit, breach.opens_at) == (
        LimitName.MIN_GAP,
        1,
        1,
        NOW + SECOND / 2,
    )
    assert find_breach(rules, Sent(ago(300), 2, 150), NOW) is None
    assert longest_gap(rules) == timedelta(minutes=5)
    assert longest_gap([]) == MINUTE


def test_a_gap_that_ends_after_hours_ends_the_next_morning() -> None:
    """If a gap ends outside of the hours, the send is possible the next morning."""
    rules = [
        Pacing(sending_hours=hours("UTC", "09:00", "12:01", frozenset(range(5)))),
        Pacing(min_gap=timedelta(minutes=5)),
    ]
    friday = datetime(2026, 3, 13, 12, tzinfo=UTC)
    breach = find_breach(rules, Sent([friday], 1, 150), friday)
    assert breach is not None
    assert (breach.name, breach.opens_at) == (LimitName.MIN_GAP, datetime(2026, 3, 16, 9, tzinfo=UTC))


def test_used_up_day_ends_when_hours_open() -> None:
    """A used-up day with hours ends at the first opening after midnight UTC."""
    rules = [Pacing(sending_hours=hours("Europe/Berlin", "09:00", "18:00"))]
    breach = find_breach(rules, Sent([], 150, 150), NOW)
    assert breach is not None
    assert (breach.name, breach.used, breach.limit) == (LimitName.MESSAGE, 150, 150)
    assert breach.opens_at == datetime(2026, 3, 15, 8, tzinfo=UTC)


def test_closed_hours_allow_nothing() -> None:
    """Outside of the hours the error is 0 of 0 used, until they open."""
    breach = find_breach([Pacing(sending_hours=hours("UTC", "13:00", "18:00"))], Sent([], 5, 150), NOW)
    assert breach is not None
    assert (breach.name, breach.used, breach.limit) == (LimitName.SENDING_HOURS, 0, 0)
    assert breach.opens_at == NOW + timedelta(hours=1)


def test_first_contacts_are_limited_by_the_month() -> None:
    """First contacts have a monthly limit, the lower one of two, and known people are exempt."""
    rules = [Pacing(first_contacts_per_month=15), Pacing(first_contacts_per_month=20)]
    assert find_breach(rules, Sent([], 5, 150, None), NOW) is None
    assert find_breach(rules, Sent([], 5, 150, 14), NOW) is None
    breach = find_breach(rules, Sent([], 5, 150, 15), NOW)
    assert breach is not None
    assert (breach.name, breach.used, breach.limit) == (LimitName.GROUP_FIRST_CONTACT, 15, 15)
    assert breach.opens_at == datetime(2026, 4, 1, tzinfo=UTC)
    assert first_contact_limit(rules) == 15
    assert first_contact_limit([Pacing()]) is None


def test_warm_up_grows_day_by_day_up_to_the_limit() -> None:
    """A warm-up begins with 5 on its first UTC day and adds 3 each day, up to the daily limit."""
    rules = [Pacing(warm_up=WarmUp(date(2026, 3, 13), first_day=5, growth=3))]
    by_day = [message_limit(rules, 12, NOW + timedelta(days=day)) for day in range(-2, 5)]
    assert by_day == [0, 5, 8, 11, 12, 12, 12]
    breach = find_breach(rules, Sent([], 8, 12), NOW)
    assert breach is not None
    assert (breach.name, breach.used, breach.limit) == (LimitName.WARM_UP, 8, 8)
    assert breach.opens_at == datetime(2026, 3, 15, tzinfo=UTC)


def test_before_a_warm_up_begins_nothing_is_sent() -> None:
    """Before a warm-up begins nothing is sent, and the error has its beginning."""
    rules = [Pacing(warm_up=WarmUp(date(2026, 4, 1), first_day=5, growth=3))]
    breach = find_breach(rules, Sent([], 0, 150), NOW)
    assert breach is not None
    assert (breach.name, breach.used, breach.limit) == (LimitName.WARM_UP, 0, 0)
    assert breach.opens_at == datetime(2026, 4, 1, tzinfo=UTC)


@given(instants, st.integers(1, 150))
def test_a_day_that_is_used_up_ends_at_midnight_utc(now: datetime, limit: int) -> None:
    """A used-up day ends at midnight UTC, also at the end of a month and of a year."""
    assert next_allowed([Pacing()], Sent([], limit, limit), now) == window_end(Action.MESSAGE, now)
