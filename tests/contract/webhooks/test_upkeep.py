"""What `doctor` finds about webhooks, and what the worker deletes of them, on both stores."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from confrere.doctor import diagnose_open
from confrere.domain.installation import Finding
from confrere.domain.webhooks import LOG_KEPT, EventType
from confrere.services import build_services
from confrere.settings import Settings
from confrere.telemetry import metrics
from confrere.webhooks import deliverer as deliverer_module
from tests.contract.webhooks.conftest import Stage
from tests.contract.webhooks.receiver import receiving, status
from tests.fakes.upstream import FakeUpstream


@pytest.fixture(autouse=True)
def _present(stage: Stage) -> None:
    """Ids of deliveries are made by the machine's clock, and deliveries are deleted by their ids."""
    stage.clock.now = stage.scene.now = datetime.now(UTC)


async def diagnose(stage: Stage, folder: Path) -> Finding:
    """Return the finding about webhooks."""
    services = build_services(
        store=stage.scene.store, upstream=FakeUpstream(), clock=stage.clock, gap=timedelta(minutes=2)
    )
    findings = await diagnose_open(Settings(data_dir=folder), services, with_files=False)
    [finding] = [one for one in findings if one.subject == "webhooks"]
    return finding


@pytest.mark.parametrize(("code", "days"), [(410, 0), (500, 5)], ids=["gone", "failing"])
async def test_the_doctor_finds_a_disabled_webhook(stage: Stage, tmp_path: Path, code: int, days: int) -> None:
    """One that failed for five days or is gone is wrong until it is enabled; one that a person disabled is not."""
    async with receiving(answer=status(code)) as receiver:
        webhook, _ = await stage.add(receiver.url)
        deliverer = stage.deliverer()
        for _ in range(2):
            assert (await diagnose(stage, tmp_path)).ok
            await stage.happen()
            await deliverer.run_due()
            stage.later(days=days)
            if not days:
                break
        found = await diagnose(stage, tmp_path)
        assert (found.ok, found.detail) == (False, "1 disabled because they failed")
        assert "`confrere webhooks update ID --enable`" in str(found.remedy)
        await deliverer.tidy()
        assert metrics.WEBHOOKS_DISABLED._value.get() == 1
    await stage.directory.change("default", webhook.id, enabled=True)
    assert (await diagnose(stage, tmp_path)).detail == "none is disabled because it failed"
    await stage.directory.change("default", webhook.id, enabled=False)
    assert (await diagnose(stage, tmp_path)).ok


async def test_the_log_is_kept_for_thirty_days(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 30 days deliveries and their events are deleted, however many; younger ones and what is due stay."""
    monkeypatch.setattr(deliverer_module, "_PURGED", 2)
    async with receiving() as receiver:
        webhook, _ = await stage.add(receiver.url, EventType.SEND_ACCEPTED)
        deliverer = stage.deliverer()
        await stage.happen(5)
        await deliverer.run_due()
        began = stage.clock.now
        stage.clock.now = stage.scene.now = began + LOG_KEPT - timedelta(minutes=1)
        await stage.happen()
        await deliverer.tidy()
        assert len(await stage.log(webhook)) == 5
        stage.clock.now = began + LOG_KEPT + timedelta(minutes=1)
        await deliverer.tidy()
        assert await stage.log(webhook) == []
        await deliverer.run_due()  # what happened since has neither been delivered nor deleted
        assert len(receiver.received) == 6
        assert len(await stage.scene.store.engine.read("list_event_bodies", "", 100)) == 1
