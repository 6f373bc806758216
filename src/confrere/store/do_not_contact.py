"""The do-not-contact port on SQL: the people to whom a workspace sends no messages."""

from collections.abc import Collection, Sequence
from functools import partial

from confrere.domain.erasure import SOURCE
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.opt_out import OptOut
from confrere.ports import DoNotContact
from confrere.store.engine import Engine
from confrere.store.erasures import find_erased
from confrere.store.fingerprint import Fingerprints
from confrere.store.rows import from_micros, opt_out_of, to_micros
from confrere.store.script import Query, Script, first


class SqlDoNotContact(DoNotContact):
    """The port on SQL."""

    def __init__(self, engine: Engine, fingerprints: Fingerprints) -> None:
        self._engine = engine
        self._fingerprints = fingerprints

    async def add_opt_outs(self, workspace_id: str, opt_outs: Collection[OptOut]) -> int:
        """Who was erased is on the list by their stand-in, and stays so."""
        recipients = [one.recipient for one in opt_outs]
        erased = await self._engine.transact(partial(find_erased, self._fingerprints, workspace_id, recipients))
        opt_outs = [one for one in opt_outs if one.recipient not in erased]
        rows = [(workspace_id, one.recipient, one.reason, one.source, to_micros(one.added_at)) for one in opt_outs]
        return await self._engine.add_opt_outs(rows) if rows else 0

    async def remove_opt_out(self, workspace_id: str, recipient: str) -> None:
        person = self._fingerprints.stand_in(workspace_id, recipient)
        await self._engine.transact(partial(_remove_opt_out, workspace_id, recipient, person))

    async def read_opt_out(self, workspace_id: str, recipient: str) -> OptOut | None:
        person = self._fingerprints.stand_in(workspace_id, recipient)
        row = first(await self._engine.read("read_opt_out", workspace_id, recipient, person))
        return None if row is None else opt_out_of(row)

    async def list_opt_outs(self, workspace_id: str, *, after: str | None, count: int) -> Sequence[OptOut]:
        return [opt_out_of(row) for row in await self._engine.read_many("list_opt_outs", workspace_id, after, count)]


def _remove_opt_out(workspace_id: str, recipient: str, person: str) -> Script[None]:
    row = first((yield Query("read_opt_out", (workspace_id, recipient, person))))
    if row is not None and row[2] == SOURCE:
        when = f"{from_micros(row[3]):%Y-%m-%d}"
        raise InvalidField("recipientProfileUrn", f"was erased on {when}, and will not be written to")
    if not (yield Query("remove_opt_out", (workspace_id, recipient))):
        raise NotFound("This recipient is not on the do-not-contact list")
