"""All of the store's ports on one engine."""

import base64
import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from confrere.store.accounts import SqlAccounts
from confrere.store.engine import Engine
from confrere.store.errors import WrongSecretKey
from confrere.store.fingerprint import Fingerprints
from confrere.store.ledger import SqlLedger
from confrere.store.pacing import SqlPacing
from confrere.store.people import SqlDoNotContact, SqlKeys
from confrere.store.rows import from_micros, to_micros
from confrere.store.script import Ask, Script
from confrere.store.units import SqlUnits
from confrere.store.vault import Unsealable, Vault

FINGERPRINT_KEY: Final = "fingerprint_key"
"""The name in `meta` of the sealed key of the fingerprints. Unsealing it at every start also proves the vault."""

_SILENT_FOR_LONG = timedelta(days=1)


class SqlStore(SqlLedger, SqlUnits, SqlPacing, SqlAccounts, SqlKeys, SqlDoNotContact):
    """What `sending.ports.Store` promises. Made by `open_store`."""

    def __init__(self, engine: Engine, vault: Vault, fingerprints: Fingerprints) -> None:
        SqlLedger.__init__(self, engine, vault, fingerprints)
        SqlUnits.__init__(self, engine)
        SqlPacing.__init__(self, engine)
        SqlAccounts.__init__(self, engine, vault)
        SqlKeys.__init__(self, engine)
        SqlDoNotContact.__init__(self, engine)

    @property
    def engine(self) -> Engine:
        """The open database underneath."""
        return self._engine

    @property
    def vault(self) -> Vault:
        """What seals its secrets."""
        return self._vault

    def __repr__(self) -> str:
        return f"<SqlStore on {self._engine!r}>"

    async def ping(self) -> None:
        """See `sending.ports.Vitals`."""
        await self._engine.read("ping")

    async def beat(self, worker_id: str, now: datetime) -> None:
        """See `sending.ports.Vitals`."""
        await self._engine.transact(partial(_beat, worker_id, now))

    async def last_beat(self) -> datetime | None:
        """See `sending.ports.Vitals`."""
        rows = await self._engine.read("last_beat")
        return from_micros(rows[0][0])

    async def close(self) -> None:
        """See `sending.ports.Store`."""
        await self._engine.close()


async def assemble(engine: Engine, vault: Vault) -> SqlStore:
    """The store on an open engine. Raises WrongSecretKey where the vault cannot read what is kept there."""
    fresh = base64.b64encode(secrets.token_bytes(32)).decode()
    rows = await engine.read("read_meta", FINGERPRINT_KEY)
    sealed = rows[0][0] if rows else await engine.transact(partial(_add_meta, FINGERPRINT_KEY, vault.seal(fresh)))
    try:
        key = base64.b64decode(vault.unseal(sealed))
    except Unsealable:
        raise WrongSecretKey(vault.source) from None
    return SqlStore(engine, vault, Fingerprints(key))


def _add_meta(key: str, value: str) -> Script[str]:
    """The value that counts, which is another's where another was first."""
    yield Ask("add_meta", (key, value))
    rows = yield Ask("read_meta", (key,))
    kept: str = rows[0][0]
    return kept


def _beat(worker_id: str, now: datetime) -> Script[None]:
    yield Ask("beat", (worker_id, to_micros(now)))
    yield Ask("forget_workers", (to_micros(now - _SILENT_FOR_LONG),))
