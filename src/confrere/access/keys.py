"""API keys: authenticate callers, create, list and revoke keys."""

from collections.abc import Collection, Sequence
from datetime import datetime

from confrere.access.call_limiter import CallLimiter
from confrere.domain.errors import Forbidden, InvalidField, Unauthorized
from confrere.domain.ids import new_account_id
from confrere.domain.keys import ApiKey, Caller, Scope, hash_key, new_key, visible_part
from confrere.ports import Clock, Keys


class ApiKeys:
    """The keys of a workspace, and the callers who use them."""

    def __init__(self, *, keys: Keys, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._calls = CallLimiter()

    async def authenticate(self, key: str) -> Caller:
        """Return the caller whose key this is, with the same work whatever the key's form. Raises Unauthorized."""
        caller = await self._keys.find_caller(hash_key(key), self._clock())
        if caller is None:
            raise Unauthorized
        return caller

    async def admit(self, key: str) -> Caller:
        """Authenticate a call, and count it against the key's limit. Raises Unauthorized, TooFast."""
        caller = await self.authenticate(key)
        self._calls.count(caller, self._clock())
        return caller

    async def create(
        self,
        workspace_id: str,
        *,
        name: str,
        scopes: Collection[Scope],
        expires_at: datetime | None = None,
        by: Caller | None = None,
    ) -> tuple[ApiKey, str]:
        """Create a key. Returns what is stored of it, and the key itself, which is shown this once.

        by:      the caller who creates it with a key of their own; the new one does no more and lives no longer.
        Raises:  Forbidden, InvalidField.
        """
        if by is not None:
            expires_at = _inherited(by, scopes, expires_at)
        key = new_key()
        stored = ApiKey(
            id=new_account_id(),
            workspace_id=workspace_id,
            name=name,
            visible_part=visible_part(key),
            scopes=frozenset(scopes),
            created_at=self._clock(),
            expires_at=expires_at,
            revoked_at=None,
            last_used_at=None,
        )
        await self._keys.add_key(stored, hash_key(key))
        return stored, key

    async def list_all(self, workspace_id: str) -> Sequence[ApiKey]:
        """List all keys, revoked ones too, newest first."""
        return await self._keys.list_keys(workspace_id)

    async def revoke(self, workspace_id: str, key_id: str) -> ApiKey:
        """Revoke the key; effective at once in every process. Raises NotFound."""
        return await self._keys.revoke_key(workspace_id, key_id, self._clock())


def _inherited(by: Caller, scopes: Collection[Scope], expires_at: datetime | None) -> datetime | None:
    """When a key expires that this caller creates. Raises Forbidden, InvalidField."""
    for scope in scopes:
        if not by.may(scope):
            raise Forbidden(scope)
    if by.expires_at is None or expires_at is None:
        return expires_at or by.expires_at
    if expires_at > by.expires_at:
        raise InvalidField("expiresAt", "must not be later than the end of the key that you make it with")
    return expires_at
