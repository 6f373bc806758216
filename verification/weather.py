"""Random faults of LinkedIn during a run, drawn from the seed, and accounts that are reconnected."""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from tests.sandbox_process import SandboxProcess
from tests.server_process import OpenServices, Site

from confrere.domain.account import AccountStatus
from verification.ledgers import reconnect

_SEND = {"path": "createMessage"}
_READ = {"path": "voyagerMessagingGraphQL"}

SENDS: list[tuple[int, Mapping[str, Any]]] = [
    (4, {"effect": "reset_after_accept"}),
    (3, {"effect": "truncate"}),
    (3, {"effect": "accept_then_status", "status": 502}),
    (2, {"effect": "hang_after_accept", "seconds": 0.3}),
    (3, {"effect": "reset_before_read"}),
    (2, {"effect": "status", "status": 503}),
    (2, {"effect": "html"}),
    (2, {"effect": "status", "status": 404}),
    (1, {"effect": "status", "status": 400}),
    (6, {"effect": "delay_seconds", "seconds": 0.2}),
    (1, {"effect": "status", "status": 429, "headers": {"Retry-After": "1"}}),
]
READS: list[tuple[int, Mapping[str, Any]]] = [
    (2, {"effect": "status", "status": 503, "times": 2}),
    (1, {"effect": "reset_before_read"}),
    (1, {"effect": "truncate"}),
    (1, {"effect": "errors", "status": 500}),
]
"""Faults and their weights. Delays are far below the gap between the two searches that prove absence."""


async def make_weather(sandbox: SandboxProcess, draw: random.Random, *, every_seconds: float) -> None:
    """Script faults until cancelled: a few for sends, sometimes one for reads."""
    while True:
        effects = [({**effect, "match": _SEND}) for effect in _draw(draw, SENDS, 2)]
        if draw.random() < 0.3:
            effects += [({**effect, "match": _READ}) for effect in _draw(draw, READS, 1)]
        waiting = await asyncio.to_thread(sandbox.waiting_faults)
        if len(waiting) < 20:
            await asyncio.to_thread(sandbox.faults, effects)
        await asyncio.sleep(every_seconds * (0.5 + draw.random()))


async def end_sessions(site: Site, sandbox: SandboxProcess, draw: random.Random, *, every_seconds: float) -> None:
    """End a session from time to time, and reconnect its account a second later, until cancelled."""
    while True:
        await asyncio.sleep(every_seconds * (0.5 + draw.random()))
        effect = draw.choice(["redirect_login", "delete_cookie", "challenge"])
        account = draw.choice(sandbox.accounts)
        match = {**_SEND, "account": account.profile_urn}
        await asyncio.to_thread(sandbox.faults, [{"effect": effect, "match": match}])
        await asyncio.sleep(1)
        await _connect_again(site, sandbox)


async def _connect_again(site: Site, sandbox: SandboxProcess) -> None:
    by_urn = {account.profile_urn: account for account in sandbox.accounts}
    async with OpenServices(site.settings) as services:
        for account in await services.accounts.search("default"):
            if account.status is AccountStatus.ERROR:
                await reconnect(services, by_urn[account.profile_urn])


def _draw(draw: random.Random, effects: list[tuple[int, Mapping[str, Any]]], count: int) -> list[Mapping[str, Any]]:
    return draw.choices([effect for _, effect in effects], [weight for weight, _ in effects], k=count)
