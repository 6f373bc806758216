"""Starts of many people, which stage them in the draft before one transaction lets the campaign run."""

from dataclasses import replace
from datetime import timedelta

import pytest

from confrere.domain.campaigns.campaign import CampaignStatus, ContentChanged, PersonFilter, PersonText, WrongStatus
from tests.contract.store.campaigns import draft, somebody, urn
from tests.contract.store.scene import Scene

PEOPLE = [PersonText(somebody(number)) for number in range(4)]
LATER = timedelta(seconds=1)


async def test_staged_people_and_the_last_ones_run_together(scene: Scene) -> None:
    """They are in the campaign in their order, and nobody is sent anything before all of them are."""
    campaign = await draft(scene)
    assert await scene.store.stage_people(campaign, PEOPLE[:2], staged=0, now=scene.now) == 2
    assert await scene.store.stage_people(campaign, PEOPLE[2:3], staged=2, now=scene.now) == 3
    assert await scene.store.read_turn(campaign.account_id) is None
    running = await scene.store.start_campaign(
        "default", campaign.id, PEOPLE[3:], started_by=None, first=None, now=scene.now, staged=3
    )
    assert running.status is CampaignStatus.RUNNING
    found = await scene.store.list_campaign_people("default", campaign.id, PersonFilter(), after_id=None, count=9)
    assert [one.recipient for one in found] == [urn(number) for number in range(4)]
    with pytest.raises(WrongStatus):
        await scene.store.stage_people(campaign, PEOPLE, staged=4, now=scene.now)
    assert not await scene.store.drop_staged_people(campaign, by=None)
    assert (await scene.store.count_campaign_people(campaign.id, scene.now)).waiting == 4


async def test_a_start_that_crashed_is_not_continued_by_another(scene: Scene) -> None:
    """What it has staged has to be dropped before anybody is written to."""
    campaign = await draft(scene)
    await scene.store.stage_people(campaign, PEOPLE[:2], staged=0, now=scene.now)
    later = scene.now + LATER
    with pytest.raises(ContentChanged, match="Another start"):
        await scene.store.start_campaign("default", campaign.id, PEOPLE, started_by=None, first=None, now=later)
    assert not await scene.store.drop_staged_people(campaign, by=later), "these are another start's"
    assert await scene.store.drop_staged_people(campaign, by=None)
    assert not await scene.store.drop_staged_people(campaign, by=None)
    await scene.store.start_campaign("default", campaign.id, PEOPLE, started_by=None, first=None, now=later)
    assert (await scene.store.count_campaign_people(campaign.id, later)).waiting == 4


async def test_the_later_of_two_starts_takes_over(scene: Scene) -> None:
    """The earlier one stages nobody any more, and its people never mix with the other's."""
    campaign, later = await draft(scene), scene.now + LATER
    await scene.store.stage_people(campaign, PEOPLE[:2], staged=0, now=scene.now)
    assert await scene.store.drop_staged_people(campaign, by=None)
    with pytest.raises(ContentChanged, match="Another start"):
        await scene.store.stage_people(campaign, PEOPLE[2:], staged=2, now=scene.now)
    await scene.store.stage_people(campaign, PEOPLE[:2], staged=0, now=later)
    with pytest.raises(ContentChanged, match="Another start"):
        await scene.store.stage_people(campaign, PEOPLE[2:], staged=2, now=scene.now)
    await scene.store.start_campaign(
        "default", campaign.id, PEOPLE[2:], started_by="later", first=None, now=later, staged=2
    )
    assert (await scene.store.read_campaign("default", campaign.id)).started_by == "later"
    assert (await scene.store.count_campaign_people(campaign.id, later)).waiting == 4


async def test_a_person_who_is_missing_stops_the_start(scene: Scene) -> None:
    """A start whose people were dropped in part by another one does not run with the rest."""
    campaign = await draft(scene)
    await scene.store.stage_people(campaign, PEOPLE[:2], staged=0, now=scene.now)
    with pytest.raises(ContentChanged, match="Another start"):
        await scene.store.start_campaign(
            "default", campaign.id, PEOPLE[2:], started_by=None, first=None, now=scene.now, staged=1
        )
    assert (await scene.store.read_campaign("default", campaign.id)).status is CampaignStatus.DRAFT


async def test_an_edit_or_the_archive_ends_a_start(scene: Scene) -> None:
    """Nobody is staged in a draft that was edited since; one that is archived keeps nobody."""
    campaign = await draft(scene)
    await scene.store.stage_people(campaign, PEOPLE[:2], staged=0, now=scene.now)
    await scene.store.change_campaign("default", campaign.id, lambda before: replace(before, name="Autumn"))
    with pytest.raises(ContentChanged):
        await scene.store.stage_people(campaign, PEOPLE[2:], staged=2, now=scene.now)
    await scene.store.change_campaign_status("default", campaign.id, CampaignStatus.ARCHIVED, now=scene.now)
    assert (await scene.store.count_campaign_people(campaign.id, scene.now)).waiting == 0
