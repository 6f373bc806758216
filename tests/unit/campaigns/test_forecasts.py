"""The forecasts of campaigns, on what the store knows of their account."""

from datetime import date, datetime, timedelta

import pytest

from confrere.campaigns import CampaignState
from confrere.domain.account import Account
from confrere.domain.campaigns.forecast import Forecast
from confrere.domain.pacing import Pacing
from confrere.services import Services
from tests.fakes.upstream import FakeUpstream
from tests.unit.campaigns.running import read, start, work
from tests.unit.campaigns.test_texts import draft, somebody
from tests.unit.sending.conftest import NOON, HandClock

TODAY = NOON.date()


@pytest.fixture(autouse=True)
async def slow_account(services: Services, account: Account) -> Account:
    """An account that may send six messages a day."""
    return await services.store.update_account("default", account.id, daily_limit=6)


def days(forecast: Forecast | None) -> list[tuple[int, int]]:
    """Days from today, each with its messages."""
    assert forecast is not None
    return [((each.day - TODAY).days, each.count) for each in forecast.per_day]


async def checked(services: Services, people: int = 10) -> Forecast:
    """The forecast of a draft for so many new people."""
    campaign_id = await draft(services, *(somebody(100 + number) for number in range(people)))
    return (await services.campaigns.check("default", campaign_id)).forecast


async def test_what_was_sent_today_counts(services: Services) -> None:
    """The rest of the day goes out today."""
    await start(services, 4)
    await work(services)
    assert days(await checked(services)) == [(0, 2), (1, 6), (2, 2)]


async def test_other_running_campaigns_take_turns(services: Services) -> None:
    """A campaign that is paused, or a draft, does not; one that has its own cap takes no more than that."""
    other = await start(services, 7, daily_cap=1)
    paused = await start(services, 9, begin=20)
    await services.campaigns.pause("default", paused.campaign.id)
    await draft(services, somebody(50))
    assert days(await checked(services)) == [(0, 5), (1, 5)]
    assert days((await read(services, other)).forecast) == [(day, 1) for day in range(7)]


async def test_forecasts_of_an_accounts_campaigns_agree(services: Services) -> None:
    """In a list and alone they are the same, together they fill the account's days, and others have none."""
    states = [await start(services, people, begin=20 * people) for people in (3, 5, 9)]
    paused = await start(services, 2)
    await services.campaigns.pause("default", paused.campaign.id)
    waiting = await draft(services, somebody(99))
    listed = {one.campaign.id: one.forecast for one in await services.campaigns.list_page("default")}
    assert listed[paused.campaign.id] is listed[waiting] is None
    totals: dict[int, int] = {}
    for state in states:
        assert listed[state.campaign.id] == (await read(services, state)).forecast
        for day, count in days(listed[state.campaign.id]):
            totals[day] = totals.get(day, 0) + count
    assert totals == {0: 6, 1: 6, 2: 5}
    finished = [listed[state.campaign.id] for state in states]
    assert [one.ends_on for one in finished if one is not None] == sorted(
        one.ends_on for one in finished if one is not None and one.ends_on is not None
    )


async def test_a_campaign_that_is_over_has_no_forecast(services: Services) -> None:
    """Nor has one that was stopped."""
    finished, stopped = await start(services, 1), await start(services, 1, begin=5)
    await services.campaigns.stop("default", stopped.campaign.id)
    await work(services)
    assert [(await read(services, one)).forecast for one in (finished, stopped)] == [None, None]


async def test_a_scheduled_campaign_begins_with_its_day(services: Services) -> None:
    """What was sent today is none of that day; it has a forecast before it runs."""
    await start(services, 5)
    await work(services)
    begins = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=NOON.tzinfo) + timedelta(days=3)
    state: CampaignState = await start(services, 8, begin=10, starts_at=begins)
    assert days(state.forecast) == [(3, 6), (4, 2)]


async def test_a_hold_puts_the_beginning_off(services: Services, account: Account) -> None:
    """Nothing goes out before LinkedIn's hold is over."""
    await services.store.hold_account(account.id, NOON + timedelta(days=2))
    state = await start(services, 7)
    assert days(state.forecast)[0][0] == 2
    assert days(await checked(services, 1))[0][0] == 2


async def test_the_rules_of_workspace_and_account_count(services: Services, account: Account) -> None:
    """Both: the month of the one, and the gap of the other."""
    await services.store.change_pacing("default", None, lambda _: Pacing(first_contacts_per_month=3), NOON)
    await services.store.change_pacing("default", account.id, lambda _: Pacing(min_gap=timedelta(hours=7)), NOON)
    forecast = await checked(services, 4)
    assert sum(each.count for each in forecast.per_day if each.day.month == TODAY.month) == 3
    assert max(each.count for each in forecast.per_day) <= 2
    assert forecast.ends_on is not None
    assert forecast.ends_on == date(TODAY.year, TODAY.month + 1, 1)


async def test_not_within_a_year_is_said(services: Services, account: Account) -> None:
    """An account that may send nothing has no last day."""
    await services.store.update_account("default", account.id, daily_limit=0)
    forecast = await checked(services, 1)
    assert (forecast.ends_on, str(forecast)) == (None, "not within a year")
    state = await start(services, 1)
    assert state.forecast == Forecast(None, ())


async def test_a_forecast_comes_true(services: Services, upstream: FakeUpstream, clock: HandClock) -> None:
    """Where nothing interferes, what is sent each day is what was forecast."""
    state = await start(services, 14)
    expected = days(state.forecast)
    sent: list[int] = []
    for day in range(4):
        before = len(upstream.seen)
        await work(services)
        sent.append(len(upstream.seen) - before)
        clock.now = NOON + timedelta(days=day + 1)
    assert [(day, count) for day, count in enumerate(sent) if count] == expected == [(0, 6), (1, 6), (2, 2)]
