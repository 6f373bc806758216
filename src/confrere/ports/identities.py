"""Users who log in by an identity provider."""

from datetime import datetime
from typing import Protocol

from confrere.domain.audit import Actor
from confrere.domain.users import Identity, Rights, User


class Identities(Protocol):
    """Users by issuer and subject; logins that are at the provider by the hash of their state."""

    async def begin_sign_in(self, state_hash: str, target: str, now: datetime) -> None:
        """Remember that a browser was led to the provider, and which page it wants to see afterwards."""
        ...

    async def take_sign_in(self, state_hash: str, now: datetime) -> str | None:
        """Return that page, once; None where the state is unknown, was used, or has expired."""
        ...

    async def sign_in(
        self,
        workspace_id: str,
        identity: Identity,
        rights: Rights,
        session_hash: str,
        by: Actor,
        now: datetime,
        browser: str,
    ) -> User:
        """Give the user these rights, and begin a session; on the first login the user is created.

        No session begins for a user who is disabled; nor where the identity is that of a user of another workspace who
        is not disabled: this one is returned, and their sessions end.
        """
        ...

    async def refuse_sign_in(self, workspace_id: str, identity: Identity, by: Actor, now: datetime, why: str) -> None:
        """End the sessions of whom the provider no longer lets in, in all workspaces, and record it there.

        workspace_id:  whose log has it where there is no such user.
        """
        ...
