"""A store with a deliverer, whose clock the test moves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from confrere.domain.webhooks import Delivery, EventType, Webhook
from confrere.store import SqlStore
from confrere.webhooks import Poster, TargetRule, WebhookDeliverer, WebhookDirectory
from tests.contract.store.conftest import open_another, other, sqlite_url, store, url, vault
from tests.contract.store.scene import ACCEPTED, Clock, Scene

__all__ = ["open_another", "other", "sqlite_url", "store", "url", "vault"]

TIMEOUT_SECONDS = 0.6
"""Of a try, in place of 15 s."""


@dataclass
class Stage:
    """Everything about webhooks on one store."""

    scene: Scene
    clock: Clock
    directory: WebhookDirectory
    deliverers: list[WebhookDeliverer] = field(default_factory=list)

    def deliverer(self, store: SqlStore | None = None, *, private: bool = True) -> WebhookDeliverer:
        """Build a worker's deliverer, without jitter."""
        poster = Poster(TargetRule(allow_private=private), timeout_seconds=TIMEOUT_SECONDS)
        made = WebhookDeliverer(store=store or self.scene.store, poster=poster, clock=self.clock, chance=lambda: 0.0)
        self.deliverers.append(made)
        return made

    async def add(self, url: str, *events: EventType) -> tuple[Webhook, str]:
        """Add a webhook, by default for what is accepted."""
        return await self.directory.create("default", url=url, events=events or (EventType.SEND_ACCEPTED,))

    async def happen(self, count: int = 1) -> None:
        """Send so many messages."""
        for _ in range(count):
            await self.scene.settle(await self.scene.reserve(self.scene.to_another()), ACCEPTED)

    async def log(self, webhook: Webhook) -> list[Delivery]:
        """Its deliveries, newest first."""
        return list(await self.directory.list_deliveries("default", webhook.id, count=200))

    async def only(self, webhook: Webhook) -> Delivery:
        """Its one delivery."""
        [one] = await self.log(webhook)
        return one

    def later(self, **by: float) -> None:
        """Move all clocks."""
        self.clock.now = self.scene.later(**by)


@pytest.fixture
async def stage(store: SqlStore) -> AsyncIterator[Stage]:
    """Build a stage with one account."""
    scene, clock = Scene(store), Clock()
    scene.account = await scene.connect()
    made = Stage(scene, clock, WebhookDirectory(store=store, rule=TargetRule(allow_private=True), clock=clock))
    yield made
    for deliverer in made.deliverers:
        await deliverer.close()
