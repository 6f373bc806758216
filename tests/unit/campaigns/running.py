"""Campaigns that run, and the worker's turns."""

from datetime import datetime
from typing import Any

from confrere.campaigns import CampaignState
from confrere.domain.account import Account
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.message import MessageText
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.services import Services

GROUP = GroupId("12345678")


def urn(number: int) -> ProfileUrn:
    """Somebody of the audience."""
    return ProfileUrn(f"urn:li:fsd_profile:ACoAAaudience{number}")


async def start(
    services: Services, people: int = 3, *, begin: int = 0, first: int | None = None, **settings: Any
) -> CampaignState:
    """A campaign that runs."""
    audience = await services.audiences.create(
        "default",
        name="Members",
        group_id=GROUP,
        people=[AudiencePerson.of(urn(number)) for number in range(begin, begin + people)],
    )
    values = {"name": "Spring", "text": MessageText("Hello"), "spread": False, **settings}
    draft = await services.campaigns.create("default", audience_id=audience.id, **values)
    return await services.campaigns.start("default", draft.campaign.id, first=first)


async def work(services: Services) -> None:
    """What the worker does with what is due now."""
    await services.lanes.start_scheduled()
    await services.lanes.run_due()
    await services.background.wait_until_idle()


async def read(services: Services, state: CampaignState) -> CampaignState:
    """The campaign as it is now."""
    return await services.campaigns.read("default", state.campaign.id)


async def next_turn(services: Services, account: Account) -> datetime | None:
    """When the account's lane is due."""
    turn = await services.store.read_turn(account.id)
    return None if turn is None else turn.at
