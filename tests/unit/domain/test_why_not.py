"""Nothing waits without one reason, one time or remedy: over all statuses, causes, conditions and limits."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain import remedies
from confrere.domain.account import Account, AccountStatus
from confrere.domain.campaigns.campaign import (
    CAMPAIGN_MOVES,
    Campaign,
    CampaignPerson,
    CampaignStatus,
    PauseCause,
    PersonStatus,
    Turn,
    WaitReason,
)
from confrere.domain.pacing import Breach, LimitName
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.why_not import WhyNot, why_account_waits, why_campaign_waits, why_person_waits
from tests.unit.domain.samples import ACCOUNT, NOON

LATER = NOON + timedelta(hours=1)

ACCOUNTS = [
    ACCOUNT,
    replace(ACCOUNT, enabled=False),
    replace(ACCOUNT, session_version=0),
    replace(ACCOUNT, status=AccountStatus.ERROR),
    replace(ACCOUNT, hold_until=LATER),
    replace(ACCOUNT, daily_limit=0),
]
BREACHES = [None, *(Breach(name, 1, 1, LATER) for name in LimitName)]
TURNS = [None, Turn(NOON - timedelta(hours=1)), Turn(LATER), Turn(LATER, WaitReason.SPREAD)]
SOMEBODY_HAS_TO_ACT = {WaitReason.ACCOUNT_ERROR, WaitReason.CAMPAIGN_PAUSED}

times = st.timedeltas(timedelta(days=-2), timedelta(days=40)).map(lambda ahead: NOON + ahead)
ahead = st.timedeltas(timedelta(microseconds=1), timedelta(days=40)).map(lambda later: NOON + later)
accounts = st.builds(
    lambda **changes: replace(ACCOUNT, **changes),
    enabled=st.booleans(),
    session_version=st.integers(0, 1),
    status=st.sampled_from(AccountStatus),
    hold_until=st.none() | times,
    daily_limit=st.sampled_from([0, 1, 150]),
)
breaches = st.none() | st.builds(Breach, st.sampled_from(LimitName), st.just(1), st.just(1), ahead)
turns = st.none() | st.builds(Turn, times, st.none() | st.just(WaitReason.SPREAD))

CAMPAIGN = Campaign(
    id="c",
    workspace_id="default",
    name="Spring",
    account_id=ACCOUNT.id,
    group_id=GroupId("42"),
    audience_id="a",
    status=CampaignStatus.RUNNING,
    cause=None,
    starts_at=LATER,
    daily_cap=2,
    spread=True,
    skip_existing_conversations=True,
    first_left=None,
    created_by=None,
    started_by=None,
    created_at=NOON,
    started_at=NOON,
    ended_at=None,
)
CAMPAIGNS = [replace(CAMPAIGN, status=status) for status in CampaignStatus] + [
    replace(CAMPAIGN, status=CampaignStatus.PAUSED, cause=cause) for cause in PauseCause
]

PERSON = CampaignPerson(
    id="p",
    campaign_id="c",
    workspace_id="default",
    recipient=ProfileUrn("urn:li:fsd_profile:ACoAAperson"),
    name="",
    status=PersonStatus.WAITING,
    reason=None,
    is_held=False,
    due_at=None,
    send_id=None,
    changed_at=NOON,
)
campaigns = st.builds(
    lambda status, cause, **changes: replace(
        CAMPAIGN, status=status, cause=cause if status is CampaignStatus.PAUSED else None, **changes
    ),
    st.sampled_from(CampaignStatus),
    st.sampled_from(PauseCause),
    starts_at=st.none() | times,
    daily_cap=st.none() | st.integers(1, 3),
)
people = st.builds(
    lambda **changes: replace(PERSON, **changes),
    status=st.sampled_from(PersonStatus),
    is_held=st.booleans(),
    due_at=st.none() | times,
)
PEOPLE = [
    replace(PERSON, status=status, is_held=is_held, due_at=due_at)
    for status, is_held, due_at in product(PersonStatus, (False, True), (None, NOON, LATER))
]


def assert_answer(why: WhyNot) -> None:
    """One reason, one remedy, and one time from now on exactly where it passes by itself."""
    assert why.reason in WaitReason
    assert why.remedy
    assert not why.remedy.endswith(".")
    if why.until is None:
        assert why.reason in SOMEBODY_HAS_TO_ACT | {WaitReason.DAY_USED_UP}  # of an account whose limit is 0
        assert "Nothing" not in why.remedy
    else:
        assert why.reason not in SOMEBODY_HAS_TO_ACT
        assert why.until >= NOON


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda one: f"{one.status}-{one.cause}")
def test_nothing_waits_without_a_reason_a_time_and_a_remedy(campaign: Campaign) -> None:
    """Whatever the campaign, its account and the person are, whoever waits has all three, and nobody else has any."""
    for account, breach, turn, sent_today, person in product(ACCOUNTS, BREACHES, TURNS, (0, 2), PEOPLE):
        of_account = why_account_waits(account, breach, turn, NOON)
        of_campaign = why_campaign_waits(campaign, sent_today, of_account, NOON)
        of_person = why_person_waits(person, of_campaign, NOON)
        assert (of_person is not None) == (person.status is PersonStatus.WAITING)
        for why in (of_account, of_campaign, of_person):
            if why is not None:
                assert_answer(why)


@given(campaigns, accounts, breaches, turns, st.integers(0, 3), people)
def test_whoever_waits_has_one_answer_at_any_times(
    campaign: Campaign,
    account: Account,
    breach: Breach | None,
    turn: Turn | None,
    sent_today: int,
    person: CampaignPerson,
) -> None:
    """A person waits at least as long as the campaign, that as long as its account; whoever has to act is named."""
    of_account = why_account_waits(account, breach, turn, NOON)
    of_campaign = why_campaign_waits(campaign, sent_today, of_account, NOON)
    of_person = why_person_waits(person, of_campaign, NOON)
    assert (of_person is not None) == (person.status is PersonStatus.WAITING)
    longest = [of_account, of_campaign] if campaign.status is CampaignStatus.RUNNING else [of_campaign]
    for shorter, longer in pairwise([*longest, of_person] if of_person else longest):
        if shorter is not None:
            assert longer is not None
            assert longer.until is None or (shorter.until is not None and longer.until >= shorter.until)
    for why in (of_account, of_campaign, of_person):
        if why is not None:
            assert_answer(why)


@given(accounts, breaches, turns)
def test_an_account_may_send_when_its_reason_has_passed(
    account: Account, breach: Breach | None, turn: Turn | None
) -> None:
    """At `until` neither its hold, nor its rules as foreseen, nor its lane keeps it."""
    why = why_account_waits(account, breach, turn, NOON)
    if why is not None and why.until is not None:
        foreseen = breach if breach is not None and breach.opens_at > why.until else None
        assert why_account_waits(account, foreseen, turn, why.until) is None


def test_every_reason_is_named() -> None:
    """No reason is left that nothing waits for."""
    found = {
        why.reason
        for campaign, account, breach, turn, sent_today, person in product(
            CAMPAIGNS, ACCOUNTS, BREACHES, TURNS, (0, 2), PEOPLE
        )
        if (of_account := why_account_waits(account, breach, turn, NOON)) is not None or account is ACCOUNT
        if (why := why_person_waits(person, why_campaign_waits(campaign, sent_today, of_account, NOON), NOON))
    }
    assert found == set(WaitReason)


def test_the_spread_is_named_only_where_it_is_the_reason() -> None:
    """A lane that is due later because of a fault has another reason, and a longer limit comes before the spread."""
    spread = why_account_waits(ACCOUNT, None, Turn(LATER, WaitReason.SPREAD), NOON)
    assert spread == WhyNot(WaitReason.SPREAD, LATER, remedies.WAIT_FOR_SPREAD)
    again = why_account_waits(ACCOUNT, None, Turn(LATER), NOON)
    assert again == WhyNot(WaitReason.NEXT_IN_LINE, LATER, remedies.WAIT)
    gap = Breach(LimitName.MIN_GAP, 1, 1, LATER - timedelta(minutes=1))
    assert why_account_waits(ACCOUNT, gap, Turn(LATER, WaitReason.SPREAD), NOON) == spread
    hours = Breach(LimitName.SENDING_HOURS, 0, 0, LATER + timedelta(minutes=1))
    closed = why_account_waits(ACCOUNT, hours, Turn(LATER, WaitReason.SPREAD), NOON)
    assert closed is not None
    assert (closed.reason, closed.until) == (WaitReason.OUTSIDE_HOURS, hours.opens_at)


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda one: f"{one.status}-{one.cause}")
def test_a_campaign_that_does_not_run_and_is_not_over_waits(campaign: Campaign) -> None:
    """It names what a person has to do, or when it starts."""
    why = why_campaign_waits(campaign, 0, None, NOON)
    is_over = campaign.status not in CAMPAIGN_MOVES or campaign.status in (
        CampaignStatus.FINISHED,
        CampaignStatus.STOPPED,
        CampaignStatus.ARCHIVED,
    )
    assert (why is None) == (is_over or campaign.status is CampaignStatus.RUNNING)


def test_what_a_person_has_to_fix_comes_before_what_passes_by_itself() -> None:
    """A dead session is named although the day is used up, and a pause although a person is held."""
    dead = why_account_waits(ACCOUNTS[3], Breach(LimitName.MESSAGE, 150, 150, LATER), Turn(LATER), NOON)
    assert dead is not None
    assert dead.reason is WaitReason.ACCOUNT_ERROR
    campaign = why_campaign_waits(CAMPAIGN, 2, dead, NOON)
    assert campaign == dead
    held = replace(PERSON, is_held=True, due_at=LATER)
    assert why_person_waits(held, campaign, NOON) == dead


def test_the_reason_that_lasts_longest_is_named() -> None:
    """A month that is used up outlasts the campaign's day; the campaign's day outlasts a gap."""
    month = WhyNot(WaitReason.MONTH_USED_UP, NOON + timedelta(days=10), "Nothing needs to be done")
    gap = WhyNot(WaitReason.MINIMUM_GAP, LATER, "Nothing needs to be done")
    assert why_campaign_waits(CAMPAIGN, 2, month, NOON) == month
    held = replace(PERSON, is_held=True, due_at=NOON + timedelta(days=1))
    assert why_person_waits(held, month, NOON) == month
    waits = why_person_waits(held, gap, NOON)
    assert waits is not None
    assert waits.reason is WaitReason.HELD
    capped = why_campaign_waits(CAMPAIGN, 2, gap, NOON)
    assert capped is not None
    assert capped.reason is WaitReason.CAMPAIGN_CAP
