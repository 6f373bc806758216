"""Campaigns of a scene: drafts, started ones, and the claims of a lane's runner."""

from datetime import timedelta
from typing import Any

import pytest

from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.campaigns.campaign import (
    Campaign,
    CampaignPerson,
    CampaignStatus,
    PersonDeclined,
    PersonText,
    SkipReason,
)
from confrere.domain.ids import new_send_id
from confrere.domain.message import MessageText
from confrere.domain.outcome import Outcome
from confrere.domain.person import Person
from confrere.domain.reservation import Claim
from confrere.domain.urns import GroupId, ProfileUrn
from tests.contract.store.scene import TEXT, Scene

LEASE = timedelta(minutes=3)


def urn(number: int) -> ProfileUrn:
    """A person of the audience."""
    return ProfileUrn(f"urn:li:fsd_profile:ACoAAaudience{number}")


def somebody(number: int) -> AudiencePerson:
    """A person whose name holds their number."""
    return AudiencePerson(Person(urn(number), first_name="Person", last_name=str(number)))


async def draft(scene: Scene, **changes: Any) -> Campaign:
    """A campaign that was not started."""
    assert scene.account is not None
    values: dict[str, Any] = {
        "id": new_send_id(),
        "workspace_id": "default",
        "name": "Spring",
        "account_id": scene.account.id,
        "group_id": GroupId("42"),
        "audience_id": "audience",
        "status": CampaignStatus.DRAFT,
        "cause": None,
        "starts_at": None,
        "daily_cap": None,
        "spread": True,
        "skip_existing_conversations": False,
        "first_left": None,
        "created_by": "key-1",
        "started_by": None,
        "created_at": scene.now,
        "started_at": None,
        "ended_at": None,
    }
    campaign = Campaign(**values | changes)
    await scene.store.add_campaign(campaign, MessageText(TEXT))
    return campaign


async def started(scene: Scene, people: int = 3, first: int | None = None, **changes: Any) -> Campaign:
    """A campaign that runs, with so many people."""
    campaign = await draft(scene, **changes)
    frozen = [PersonText(somebody(number)) for number in range(people)]
    return await scene.store.start_campaign(
        "default", campaign.id, frozen, started_by="key-2", first=first, now=scene.now
    )


async def person(scene: Scene, campaign: Campaign, number: int = 0) -> CampaignPerson:
    """One person, as the row is."""
    return await scene.store.read_campaign_person("default", campaign.id, urn(number))


async def claim_of(scene: Scene, campaign: Campaign, number: int = 0, **changes: Any) -> Claim:
    """The claim that the lane's runner would make for this person."""
    one = await person(scene, campaign, number)
    values: dict[str, Any] = {"account_id": campaign.account_id, "recipient": urn(number), "campaign_person_id": one.id}
    return scene.claim(**values | changes)


async def send_to(scene: Scene, campaign: Campaign, number: int, outcome: Outcome) -> Claim:
    """Reserve and settle the person's message."""
    claim = await scene.reserve(await claim_of(scene, campaign, number))
    await scene.settle(claim, outcome)
    return claim


async def declined(scene: Scene, claim: Claim) -> SkipReason | None:
    """The reason for which the reservation is declined."""
    with pytest.raises(PersonDeclined) as refusal:
        await scene.store.reserve(claim)
    return refusal.value.reason
