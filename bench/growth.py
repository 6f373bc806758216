"""Whether a send costs the same with many accounts and a long ledger."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import apsw

from bench.measure import Measured, measure
from bench.processes import Contestant, gateway
from bench.stores import BenchStore, big_store, make_store

FEW_ACCOUNTS = 10


def measure_growth(
    folder: Path,
    linkedin: str,
    direct: Contestant,
    *,
    many_accounts: int,
    ledger_rows: int,
    rounds: int,
    seconds: float,
    warm_seconds: float,
) -> dict[str, list[Measured]]:
    """Full load on SQLite by the number of accounts and of rows, in interleaved rounds."""
    stores = {
        f"{FEW_ACCOUNTS} accounts": make_store(folder / "few", accounts=FEW_ACCOUNTS),
        "1,000 accounts": make_store(folder / "some", accounts=1_000),
        f"{many_accounts:,} accounts": make_store(folder / "many", accounts=many_accounts),
        f"{many_accounts:,} accounts, {ledger_rows:,} rows": big_store(accounts=many_accounts, rows=ledger_rows),
    }
    seen: dict[str, list[Measured]] = {name: [] for name in stores}
    with ExitStack() as stack:
        contestants = {name: stack.enter_context(gateway(name, store, linkedin)) for name, store in stores.items()}
        for _ in range(rounds):
            for name, contestant in contestants.items():
                with _units_given_back(stores[name], needed=name.startswith(f"{FEW_ACCOUNTS} ")):
                    measured = measure(contestant, direct, seconds=seconds, warm_seconds=warm_seconds)
                seen[name].append(measured)
    return seen


@contextmanager
def _units_given_back(store: BenchStore, *, needed: bool) -> Iterator[None]:
    """Ten accounts may send 1,500 messages a day, which is half a second: their day begins again and again."""
    if not needed:
        yield
        return
    ended = threading.Event()

    def give_back() -> None:
        connection = apsw.Connection(store.url.removeprefix("sqlite://"))
        connection.set_busy_timeout(5_000)
        while not ended.wait(0.15):
            connection.execute("UPDATE quotas SET used = 0 WHERE action = 'MESSAGE'")
        connection.close()

    thread = threading.Thread(target=give_back)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
