"""Audiences and campaigns that a caller makes, and what the worker does with them."""

from typing import Any

from tests.contract.api.conftest import GROUP, Api
from tests.contract.api.management import Caller

NOBODY = "0" * 32
"""An id that nothing has."""


def urn(number: int) -> str:
    """A person of the audience."""
    return f"urn:li:fsd_profile:ACoAAaudience{number}"


async def audience(caller: Caller, people: int = 2) -> Any:
    """An audience of so many."""
    source = {"type": "ids", "recipientProfileUrns": [urn(number) for number in range(people)]}
    return await caller.post("/audiences", {"name": "Buyers", "groupId": GROUP, "source": source}, 201)


async def draft(caller: Caller, people: int = 2, **more: Any) -> Any:
    """A campaign that was not started."""
    listed = await audience(caller, people)
    body = {"name": "Spring", "audienceId": listed["id"], "text": "Hello", "spread": False, **more}
    return await caller.post("/campaigns", body, 201)


async def start(caller: Caller, campaign: Any, **more: Any) -> Any:
    """The campaign, checked and started."""
    checked = await caller.post(f"/campaigns/{campaign['id']}/check")
    return await caller.post(f"/campaigns/{campaign['id']}/start", {"contentHash": checked["contentHash"], **more})


async def work(api: Api) -> None:
    """What the worker does with what is due now."""
    await api.services.lanes.run_due()
    await api.services.background.wait_until_idle()


async def everything(caller: Caller, path: str) -> list[Any]:
    """All items of pages of two."""
    items, cursor = [], ""
    while True:
        page = await caller.get(f"{path}?limit=2{cursor}")
        items += page["items"]
        if page["nextCursor"] is None:
            return items
        cursor = f"&cursor={page['nextCursor']}"
