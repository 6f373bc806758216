"""Pacing rules set, and claims that they reject."""

from datetime import timedelta
from typing import Any

import pytest

from confrere.domain.errors import TooFast
from confrere.domain.pacing_json import parse_pacing
from confrere.store import SqlStore
from tests.contract.store.scene import Scene

MORNINGS = {
    "timeZone": "Europe/Berlin",
    "weekdays": ["mon", "tue", "wed", "thu", "fri"],
    "from": "09:00",
    "to": "12:00",
}
SECOND = timedelta(seconds=1)


async def pace(scene: Scene, *, workspace: bool = False, **form: Any) -> None:
    """These are the rules of the account now, or of the workspace."""
    assert scene.account is not None
    account_id = None if workspace else scene.account.id
    pacing = parse_pacing(form, of_account=not workspace)
    assert await scene.store.change_pacing("default", account_id, lambda _: pacing, scene.now) == pacing


async def refused(scene: Scene, store: SqlStore | None = None, **changes: Any) -> TooFast:
    """A claim that is too fast, and why."""
    with pytest.raises(TooFast) as refusal:
        await (store or scene.store).reserve(scene.to_another(now=scene.now, **changes))
    return refusal.value
