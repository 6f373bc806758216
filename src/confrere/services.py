"""Everything that a door can ask for: one use case a field. The doors only translate."""

from dataclasses import dataclass
from datetime import timedelta

from confrere.access.keys import ApiKeys
from confrere.ports import Clock, PasteReader, Store, Upstream
from confrere.sending.accounts import AccountDirectory
from confrere.sending.directory import Directory
from confrere.sending.do_not_contact import DoNotContactList
from confrere.sending.health import HealthCheck
from confrere.sending.history import SendHistory
from confrere.sending.pacing import PacingSettings
from confrere.sending.preflight import Preflight
from confrere.sending.reconcile import Reconciler
from confrere.sending.send import GroupSender
from confrere.sending.session_monitor import SessionMonitor


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of one process, on one store and one upstream."""

    store: Store
    upstream: Upstream
    clock: Clock
    keys: ApiKeys
    accounts: AccountDirectory
    history: SendHistory
    do_not_contact: DoNotContactList
    pacing: PacingSettings
    sender: GroupSender
    reconciler: Reconciler
    directory: Directory
    preflight: Preflight
    session_monitor: SessionMonitor
    health: HealthCheck

    async def close(self) -> None:
        """Settle what is in flight, then close the connections to LinkedIn and the store."""
        await self.sender.drain()
        await self.directory.wait_until_idle()
        await self.session_monitor.wait_until_idle()
        await self.upstream.close()
        await self.store.close()


def build_services(
    *, store: Store, upstream: Upstream, clock: Clock, gap: timedelta, read_paste: PasteReader | None = None
) -> Services:
    """Build all use cases.

    gap:         the least time between the two reads that show a message to be absent from LinkedIn.
    read_paste:  needed only where people paste sessions.
    """
    reconciler = Reconciler(books=store, upstream=upstream, clock=clock, gap=gap)
    session_monitor = SessionMonitor(books=store, upstream=upstream, clock=clock)
    directory = Directory(books=store, upstream=upstream, clock=clock)
    return Services(
        store=store,
        upstream=upstream,
        clock=clock,
        keys=ApiKeys(keys=store, clock=clock),
        accounts=AccountDirectory(
            store=store, upstream=upstream, session_monitor=session_monitor, clock=clock, read_paste=read_paste
        ),
        history=SendHistory(store),
        do_not_contact=DoNotContactList(store=store, clock=clock),
        pacing=PacingSettings(rules=store, accounts=store, clock=clock),
        sender=GroupSender(books=store, upstream=upstream, reconciler=reconciler, clock=clock),
        reconciler=reconciler,
        directory=directory,
        preflight=Preflight(books=store, directory=directory, clock=clock),
        session_monitor=session_monitor,
        health=HealthCheck(store=store, session_monitor=session_monitor),
    )
