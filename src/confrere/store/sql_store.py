"""All of the store's ports on one engine."""

import base64
import secrets
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from confrere.ports import Store
from confrere.store.accounts import SqlAccounts
from confrere.store.audiences import SqlAudiences
from confrere.store.audit import SqlAudit, Trail
from confrere.store.campaign_people import SqlCampaignPeople
from confrere.store.campaigns import SqlCampaigns
from confrere.store.collections import SqlCollections
from confrere.store.do_not_contact import SqlDoNotContact
from confrere.store.engine import Engine
from confrere.store.erasures import SqlErasures
from confrere.store.errors import WrongSecretKey
from confrere.store.fingerprint import Fingerprints
from confrere.store.identities import SqlIdentities
from confrere.store.keys import SqlKeys
from confrere.store.known_groups import SqlKnownGroups
from confrere.store.known_members import SqlKnownMembers
from confrere.store.lanes import SqlLanes
from confrere.store.ledger import SqlLedger
from confrere.store.mailboxes import SqlMailboxes
from confrere.store.pacing import SqlPacing
from confrere.store.protocol_faults import SqlProtocolFaults
from confrere.store.replies import SqlReplies
from confrere.store.resolved_people import SqlResolvedPeople
from confrere.store.retention import SqlRetention
from confrere.store.script import Query, Script, only
from confrere.store.second_factors import SqlSecondFactors
from confrere.store.templates import SqlTemplates
from confrere.store.units import SqlUnits
from confrere.store.users import SqlUsers
from confrere.store.vault import Unsealable, Vault
from confrere.store.vitals import SqlVitals
from confrere.store.webhook_queue import SqlWebhookQueue
from confrere.store.webhooks import SqlWebhooks
from confrere.store.workspaces import SqlWorkspaces

FINGERPRINT_KEY: Final = "fingerprint_key"
"""The name in `meta` of the sealed key of the fingerprints. Unsealing it at every start also proves the vault."""


class SqlStore(
    SqlLedger,
    SqlUnits,
    SqlPacing,
    SqlAccounts,
    SqlKeys,
    SqlDoNotContact,
    SqlErasures,
    SqlRetention,
    SqlKnownGroups,
    SqlKnownMembers,
    SqlAudiences,
    SqlCollections,
    SqlTemplates,
    SqlCampaigns,
    SqlCampaignPeople,
    SqlLanes,
    SqlResolvedPeople,
    SqlMailboxes,
    SqlReplies,
    SqlUsers,
    SqlSecondFactors,
    SqlIdentities,
    SqlAudit,
    SqlWorkspaces,
    SqlVitals,
    SqlProtocolFaults,
    SqlWebhooks,
    SqlWebhookQueue,
    Store,
):
    """All ports on one engine. `open_store` makes it."""

    def __init__(self, engine: Engine, vault: Vault, fingerprints: Fingerprints, clock: Callable[[], datetime]) -> None:
        trail = Trail(fingerprints, clock)
        SqlLedger.__init__(self, engine, vault, fingerprints, trail, clock)
        SqlUnits.__init__(self, engine, clock)
        SqlPacing.__init__(self, engine, trail)
        SqlAccounts.__init__(self, engine, vault, trail, clock)
        SqlKeys.__init__(self, engine, trail)
        SqlDoNotContact.__init__(self, engine, fingerprints, trail)
        SqlErasures.__init__(self, engine, vault, fingerprints)
        SqlRetention.__init__(self, engine)
        SqlKnownGroups.__init__(self, engine)
        SqlKnownMembers.__init__(self, engine, fingerprints)
        SqlAudiences.__init__(self, engine, fingerprints, trail)
        SqlCollections.__init__(self, engine, fingerprints)
        SqlTemplates.__init__(self, engine, vault, trail)
        SqlCampaigns.__init__(self, engine, vault, fingerprints, trail)
        SqlCampaignPeople.__init__(self, engine, vault, trail)
        SqlLanes.__init__(self, engine, trail)
        SqlResolvedPeople.__init__(self, engine, fingerprints)
        SqlMailboxes.__init__(self, engine)
        SqlReplies.__init__(self, engine, vault, fingerprints, trail)
        SqlUsers.__init__(self, engine, fingerprints)
        SqlWorkspaces.__init__(self, engine)
        SqlAudit.__init__(self, engine, fingerprints, trail)
        SqlSecondFactors.__init__(self, engine, vault, fingerprints)
        SqlIdentities.__init__(self, engine, fingerprints)
        SqlVitals.__init__(self, engine, clock)
        SqlProtocolFaults.__init__(self, engine)
        SqlWebhooks.__init__(self, engine, vault, trail)
        SqlWebhookQueue.__init__(self, engine, vault, trail)

    @property
    def engine(self) -> Engine:
        """The open database."""
        return self._engine

    @property
    def fingerprints(self) -> Fingerprints:
        """The keyed hashes of this store."""
        return self._fingerprints

    @property
    def vault(self) -> Vault:
        """The vault that seals this store's secrets."""
        return self._vault

    def __repr__(self) -> str:
        return f"<SqlStore on {self._engine!r}>"

    async def close(self) -> None:
        await self._leave()
        await self._engine.close()


async def assemble(engine: Engine, vault: Vault, clock: Callable[[], datetime]) -> SqlStore:
    """Return the store on an open engine. Raises WrongSecretKey where the vault cannot read the stored secrets."""
    fresh = base64.b64encode(secrets.token_bytes(32)).decode()
    rows = await engine.read("read_meta", FINGERPRINT_KEY)
    sealed = rows[0][0] if rows else await engine.transact(partial(_add_meta, FINGERPRINT_KEY, vault.seal(fresh)))
    try:
        key = base64.b64decode(vault.unseal(sealed))
    except Unsealable:
        raise WrongSecretKey(vault.source) from None
    return SqlStore(engine, vault, Fingerprints(key), clock)


def _add_meta(key: str, value: str) -> Script[str]:
    """Store the value unless there is one; return the stored value, which another process may have written."""
    yield Query("add_meta", (key, value))
    rows = yield Query("read_meta", (key,))
    kept: str = only(rows)[0]
    return kept
