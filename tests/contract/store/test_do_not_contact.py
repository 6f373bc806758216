"""The do-not-contact list keeps its first entries, in one order on both engines."""

from typing import Any

import pytest

from confrere.domain.errors import NotFound
from confrere.domain.opt_out import OptOut
from confrere.store import SqlStore
from tests.contract.store.scene import NOON


def opted_out(number: int, **changes: Any) -> OptOut:
    """Build an entry of the list."""
    return OptOut(
        **{"recipient": f"urn:li:fsd_profile:{number}", "reason": None, "source": "api", "added_at": NOON, **changes}
    )


async def test_opt_outs_stay_as_they_were(store: SqlStore) -> None:
    """An entry that is added twice keeps its first reason, and only new entries are counted."""
    assert await store.add_opt_outs("default", []) == 0
    assert await store.add_opt_outs("default", [opted_out(1, reason="asked"), opted_out(2)]) == 2
    assert await store.add_opt_outs("default", [opted_out(1, reason="again"), opted_out(3), opted_out(3)]) == 1
    listed = await store.list_opt_outs("default", after=None, count=10)
    assert listed == [opted_out(1, reason="asked"), opted_out(2), opted_out(3)]
    assert await store.list_opt_outs("another", after=None, count=10) == []


async def test_opt_outs_are_listed_in_pages(store: SqlStore) -> None:
    """Pages are in the order of the URNs, byte by byte, on every engine."""
    names = [
        "urn:li:fsd_profile:ACoAAb",
        "urn:li:fsd_profile:ACoAAB",
        "urn:li:fsd_profile:ACoAA_",
        "urn:li:fsd_profile:ACoAA-",
    ]
    await store.add_opt_outs("default", [opted_out(0, recipient=name) for name in names])
    seen: list[str] = []
    while page := await store.list_opt_outs("default", after=seen[-1] if seen else None, count=3):
        seen += [one.recipient for one in page]
    assert seen == sorted(names)


async def test_opt_out_can_be_taken_back(store: SqlStore) -> None:
    """An entry can be removed; removing an unknown one reports that."""
    await store.add_opt_outs("default", [opted_out(1)])
    with pytest.raises(NotFound):
        await store.remove_opt_out("another", opted_out(1).recipient)
    await store.remove_opt_out("default", opted_out(1).recipient)
    with pytest.raises(NotFound):
        await store.remove_opt_out("default", opted_out(1).recipient)


async def test_many_opt_outs_are_one_step(store: SqlStore) -> None:
    """Ten thousand entries are added in one transaction."""
    assert await store.add_opt_outs("default", [opted_out(number) for number in range(10_000)]) == 10_000
