"""The names of whom and what the audit log has by id."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from confrere.domain.audit import ActorKind, AuditAction, AuditEntry, AuditSubject, Named
from confrere.domain.errors import InvalidField, NotFound
from confrere.ports import Store


class AuditNames:
    """Finds the names of actors and subjects, as they are today."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, workspace_id: str, entries: Iterable[AuditEntry]) -> Mapping[str, Named]:
        """Return by id what has a name of those in the entries; not what was deleted since, nor any person."""
        found: dict[str, Named] = {}
        for user in await self._store.list_users(workspace_id):
            found[user.id] = Named(user.name)
        for key in await self._store.list_keys(workspace_id):
            found[key.id] = Named(key.name)
        for account in await self._store.list_accounts(workspace_id):
            found[account.id] = Named(f"{account.first_name} {account.last_name}".strip(), account.id)
        for subject, action in {entry.subject: entry.action for entry in entries}.items():
            if subject is not None and subject not in found:
                with suppress(NotFound):
                    if (named := await self._read(workspace_id, action, subject)) is not None:
                        found[subject] = named
        return found

    async def find_actor(self, workspace_id: str, text: str, *, field: str) -> str:
        """Return a kind of actor as it is, and the id of the user or key of this name or id. Raises InvalidField."""
        users, keys = await self._store.list_users(workspace_id), await self._store.list_keys(workspace_id)
        ids = [(one.id, one.name) for one in users] + [(one.id, one.name) for one in keys]
        for actor_id, name in ids:
            if text in (actor_id, name):
                return actor_id
        if text in set(ActorKind):
            return text
        raise InvalidField(field, f"must be the name or id of a user or key, or one of {', '.join(ActorKind)}")

    async def _read(self, workspace_id: str, action: AuditAction, subject: str) -> Named | None:
        """Raises NotFound."""
        match action.subject:
            case AuditSubject.CAMPAIGN:
                campaign = await self._store.read_campaign(workspace_id, subject)
                return Named(campaign.name, campaign.account_id)
            case AuditSubject.TEMPLATE:
                return Named((await self._store.read_template(workspace_id, subject)).name)
            case AuditSubject.AUDIENCE:
                return Named((await self._store.read_audience(workspace_id, subject)).name)
            case AuditSubject.REPLY:  # without the name of who wrote it
                return Named("A reply", (await self._store.read_reply(workspace_id, subject)).account_id)
            case AuditSubject.WEBHOOK:
                webhook = await self._store.read_webhook(workspace_id, subject)
                return Named(webhook.description or urlsplit(webhook.url).hostname or "A webhook")
            case _:
                return None
