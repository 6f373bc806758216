"""Rotation: every secret is encrypted with the newest key, so that an older one can be removed."""

from collections.abc import Callable
from functools import partial
from typing import Final

from confrere.store.script import Query, Script, first
from confrere.store.sql_store import FINGERPRINT_KEY, SqlStore
from confrere.store.vault import Vault

_BATCH: Final = 200
"""Rows a transaction: on the embedded engine senders wait while one runs, about 10 ms."""

Progress = Callable[[int, int], None]
"""Called with how many secrets are done, of how many."""


async def rotate_secrets(store: SqlStore, *, progress: Progress = lambda _seen, _total: None) -> int:
    """Reseal what is not under the vault's first key yet; how many secrets that were.

    It may be stopped at any point and begun again: what is done stays done. Servers may run meanwhile if they have the
    new key already, as their first one.
    """
    return await _Rotation(store, progress).run()


class _Rotation:
    def __init__(self, store: SqlStore, progress: Progress) -> None:
        self._engine, self._vault = store.engine, store.vault
        self._progress = progress
        self._seen = self._changed = self._total = 0

    async def run(self) -> int:
        self._total = (await self._engine.read_many("count_secrets"))[0][0]
        self._count(1, await self._engine.transact(partial(_reseal_meta, self._vault)))
        for account_id, sealed in await self._engine.read_many("list_sessions"):
            self._count(1, await self._engine.transact(partial(_reseal_session, self._vault, account_id, sealed)))
        await self._reseal("list_texts", "reseal_text")
        for kind in ("campaign", "template"):
            for row_id, sealed in await self._engine.read_many(f"list_{kind}_texts"):
                work = partial(_reseal_whole, self._vault, f"reseal_{kind}_text", row_id, sealed)
                self._count(1, await self._engine.transact(work))
        for user_id, sealed in await self._engine.read_many("list_second_factors"):
            work = partial(_reseal_whole, self._vault, "reseal_second_factor", user_id, sealed)
            self._count(1, await self._engine.transact(work))
        await self._reseal("list_person_texts", "reseal_person_text")
        await self._reseal("list_reply_texts", "reseal_reply_text")
        await self._reseal("list_event_bodies", "reseal_event_body")
        for row in await self._engine.read_many("list_webhook_secrets"):
            self._count(1, await self._engine.transact(partial(_reseal_webhook, self._vault, *row)))
        await self._reseal_answers()
        return self._changed

    async def _reseal(self, listed: str, changed: str) -> None:
        """Reseal the texts of one table, in the order of its ids, by these two queries."""
        after = ""
        while rows := await self._engine.read_many(listed, after, _BATCH):
            resealed = [(row[0], token) for row in rows if (token := self._vault.reseal(row[1]))]
            work = partial(_reseal_texts, changed, resealed)
            self._count(len(rows), await self._engine.transact(work) if resealed else 0)
            after = rows[-1][0]

    async def _reseal_answers(self) -> None:
        """Of deliveries, which may be tried meanwhile."""
        after = ""
        while rows := await self._engine.read_many("list_delivery_answers", after, _BATCH):
            for row_id, sealed in rows:
                work = partial(_reseal_whole, self._vault, "reseal_delivery_answer", row_id, sealed)
                self._count(1, await self._engine.transact(work))
            after = rows[-1][0]

    def _count(self, seen: int, changed: int) -> None:
        self._seen += seen
        self._changed += changed
        self._progress(self._seen, max(self._seen, self._total))


def _reseal_meta(vault: Vault) -> Script[int]:
    row = first((yield Query("read_meta", (FINGERPRINT_KEY,))))
    token = vault.reseal(row[0]) if row else None
    if row is None or token is None:
        return 0
    yield Query("change_meta", (FINGERPRINT_KEY, row[0], token))
    return 1


def _reseal_session(vault: Vault, account_id: str, sealed: str) -> Script[int]:
    token = vault.reseal(sealed)
    if token is None:
        return 0
    yield Query("reseal_session", (account_id, sealed, token))
    return 1


def _reseal_webhook(vault: Vault, webhook_id: str, secret: str, previous: str | None) -> Script[int]:
    """Two secrets that are rotated together."""
    tokens = [None if one is None else vault.reseal(one) for one in (secret, previous)]
    if tokens == [None, None]:
        return 0
    yield Query("reseal_webhook_secret", (webhook_id, secret, tokens[0] or secret, tokens[1] or previous))
    return 1


def _reseal_whole(vault: Vault, query: str, row_id: str, sealed: str) -> Script[int]:
    """A text or secret that may be replaced meanwhile."""
    token = vault.reseal(sealed)
    if token is None:
        return 0
    yield Query(query, (row_id, sealed, token))
    return 1


def _reseal_texts(query: str, resealed: list[tuple[str, str]]) -> Script[int]:
    for row_id, token in resealed:
        yield Query(query, (row_id, token))
    return len(resealed)
