"""Python and SQL agree on the condition of an account, in every combination of causes."""

from datetime import timedelta
from itertools import product

import pytest

from confrere.domain.account import AccountStatus, Condition
from tests.contract.store.scene import NOON, Scene

_HOLDS = (None, NOON - timedelta(seconds=1), NOON, NOON + timedelta(seconds=1))


@pytest.mark.parametrize("status", AccountStatus)
async def test_every_account_is_counted_under_its_condition(scene: Scene, status: AccountStatus) -> None:
    """The query `count_accounts` counts each account where `Account.condition` puts it."""
    store = scene.store
    counts = dict(await store.count_accounts(NOON))
    causes = product((True, False), (True, False), _HOLDS)
    for number, (enabled, connected, hold_until) in enumerate(causes, start=2):
        account = await scene.connect(number, enabled=enabled)
        if not connected:
            await store.disconnect_account("default", account.id)
        if hold_until is not None:
            await store.hold_account(account.id, hold_until)
        await store.set_status(account.id, status, None)
        counts[(await store.read_account("default", account.id)).condition(NOON)] += 1
        assert await store.count_accounts(NOON) == counts
    assert counts[Condition.DISABLED] == 8
    assert counts[Condition.DISCONNECTED] == 4
    assert counts[Condition.ERROR] == (4 if status is AccountStatus.ERROR else 0)
    assert counts[Condition.HELD] == (0 if status is AccountStatus.ERROR else 1)
