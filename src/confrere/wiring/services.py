"""Opens the services on their store, LinkedIn and the clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from confrere.cli.runtime import SetupError
from confrere.domain.errors import ConfrereError, StoreUnavailable
from confrere.domain.retention import RetentionRules
from confrere.linkedin import LinkedInClient, load_protocol, read_paste
from confrere.ports import Store
from confrere.services import Services, build_services
from confrere.settings import Settings
from confrere.store import ErasureFile, open_store
from confrere.wiring.secrets import open_vault


async def open_services(settings: Settings, *, migrate: bool = False) -> Services:
    """Open the services on their store. Raises SetupError, also on a pending migration without `migrate`."""
    erasures = ErasureFile(settings.erasure_file)
    with setup_errors():
        upstream = LinkedInClient(
            settings.linkedin_url,
            connections=settings.linkedin_connections,
            protocol=load_protocol(settings.linkedin_protocol_file),
        )
        store: Store = await open_store(
            settings.store_url, vault=open_vault(settings), migrate=migrate, clock=read_clock
        )
    return build_services(
        store=store,
        upstream=upstream,
        clock=read_clock,
        gap=timedelta(seconds=settings.reconcile_gap_seconds),
        read_paste=read_paste,
        retention=RetentionRules(settings.keep_texts_days, settings.keep_replies_days, settings.keep_unwritten_days),
        keep_erasure=lambda erasure: erasures.add([erasure]),
    )


def read_clock() -> datetime:
    """Return the present time: quotas are judged by it, and the store compares it with other clocks."""
    return datetime.now(UTC)


@contextmanager
def setup_errors() -> Iterator[None]:
    """Turn what keeps the services from being opened into SetupError with the remedy."""
    try:
        yield
    except StoreUnavailable as fault:
        raise SetupError(fault.advice) from fault
    except (ConfrereError, OSError, ValueError) as fault:
        raise SetupError(str(fault)) from fault
