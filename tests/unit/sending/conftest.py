from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from confrere.domain.account import Account
from confrere.services import Services, build_services
from confrere.store import Vault, open_store
from tests.fakes.upstream import BROWSER, ODILE, FakeUpstream
from tests.sqlite_files import migrated_file

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def pass_time(self, **parts: float) -> None:
        """Move on."""
        self.now += timedelta(**parts)


@pytest.fixture
def clock() -> HandClock:
    """Return a clock that the test moves."""
    return HandClock()


@pytest.fixture
def upstream() -> FakeUpstream:
    """Return a scripted LinkedIn."""
    return FakeUpstream()


@pytest.fixture
async def services(tmp_path: Path, clock: HandClock, upstream: FakeUpstream) -> AsyncIterator[Services]:
    """Build the services on a real SQLite store and the scripted LinkedIn."""
    store = await open_store(migrated_file(tmp_path), vault=Vault([Vault.new_key()]))
    services = build_services(store=store, upstream=upstream, clock=clock, gap=timedelta(minutes=2))
    yield services
    await services.close()


@pytest.fixture
async def account(services: Services) -> Account:
    """Connect Odile's account."""
    account = await services.accounts.connect("default", BROWSER)
    assert account.profile_urn == ODILE.profile_urn
    return account
