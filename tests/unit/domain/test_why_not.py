"""Nothing waits without one reason, one time or remedy: over all statuses, causes, conditions and limits."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from confrere.domain.account import AccountStatus
from confrere.domain.campaigns.campaign import (
    CAMPAIGN_MOVES,
    Campaign,
    CampaignPerson,
    CampaignStatus,
    PauseCause,
    PersonStatus,
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
TURNS = [None, NOON - timedelta(hours=1), LATER]

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
PEOPLE = [
    replace(PERSON, status=status, is_held=is_held, due_at=due_at)
    for status, is_held, due_at in product(PersonStatus, (False, True), (None, NOON, LATER))
]


def assert_answer(why: WhyNot) -> None:
    """A reason, something to do, and a time in the future unless somebody has to act."""
    assert why.reason in WaitReason
    assert why.remedy
    acts = {WaitReason.ACCOUNT_ERROR, WaitReason.CAMPAIGN_PAUSED, WaitReason.DAY_USED_UP}
    if why.until is None:
        assert why.reason in acts
        assert "Nothing" not in why.remedy
    else:
        assert why.until >= NOON


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda one: f"{one.status}-{one.cause}")
def test_nothing_waits_without_a_reason_a_time_and_a_remedy(campaign: Campaign) -> None:
    """Whatever the campaign, its account and the person are, whoever waits has all three, and nobody else has any."""
    for account, breach, turn_at, sent_today, person in product(ACCOUNTS, BREACHES, TURNS, (0, 2), PEOPLE):
        of_account = why_account_waits(account, breach, turn_at, NOON)
        of_campaign = why_campaign_waits(campaign, sent_today, of_account, NOON)
        of_person = why_person_waits(person, of_campaign, turn_at, NOON)
        assert (of_person is not None) == (person.status is PersonStatus.WAITING)
        for why in (of_account, of_campaign, of_person):
            if why is not None:
                assert_answer(why)


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
    dead = why_account_waits(ACCOUNTS[3], Breach(LimitName.MESSAGE, 150, 150, LATER), LATER, NOON)
    assert dead is not None
    assert dead.reason is WaitReason.ACCOUNT_ERROR
    campaign = why_campaign_waits(CAMPAIGN, 2, dead, NOON)
    assert campaign == dead
    held = replace(PERSON, is_held=True, due_at=LATER)
    assert why_person_waits(held, campaign, None, NOON) == dead


def test_the_reason_that_lasts_longest_is_named() -> None:
    """A month that is used up outlasts the campaign's day; the campaign's day outlasts a gap."""
    month = WhyNot(WaitReason.MONTH_USED_UP, NOON + timedelta(days=10), "Nothing needs to be done")
    gap = WhyNot(WaitReason.MINIMUM_GAP, LATER, "Nothing needs to be done")
    assert why_campaign_waits(CAMPAIGN, 2, month, NOON) == month
    held = replace(PERSON, is_held=True, due_at=NOON + timedelta(days=1))
    assert why_person_waits(held, month, None, NOON) == month
    waits = why_person_waits(held, gap, None, NOON)
    assert waits is not None
    assert waits.reason is WaitReason.HELD
    capped = why_campaign_waits(CAMPAIGN, 2, gap, NOON)
    assert capped is not None
    assert capped.reason is WaitReason.CAMPAIGN_CAP
