"""Second factors of users, and logins that wait for a code."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from confrere.domain.audit import Actor
from confrere.domain.users import SecondFactor, User


class SecondFactors(Protocol):
    """TOTP secrets, sealed at rest; recovery codes by their hash; half-done logins by the hash of their token.

    Every change writes its entry of the audit log in its own transaction.
    """

    async def begin_second_factor(self, user_id: str, secret: str) -> bool:
        """Store a secret that is not confirmed yet, in place of another such one.

        Returns False, and stores nothing, where the user has a confirmed one.
        """
        ...

    async def read_second_factor(self, user_id: str) -> SecondFactor | None:
        """Return the user's, confirmed or not; None where there is none."""
        ...

    async def confirm_second_factor(
        self, workspace_id: str, user_id: str, step: int, code_hashes: Collection[str], by: Actor, now: datetime
    ) -> bool:
        """Have logins ask for it from now on, and replace the recovery codes; the code of `step` is used up.

        Returns False where there is nothing to confirm any more.
        """
        ...

    async def remove_second_factor(self, workspace_id: str, user_id: str, by: Actor, now: datetime) -> bool:
        """Remove it with its recovery codes. Returns whether a confirmed one was there."""
        ...

    async def replace_recovery_codes(
        self, workspace_id: str, user_id: str, step: int, code_hashes: Collection[str], by: Actor, now: datetime
    ) -> bool:
        """Replace all codes; the TOTP code of `step` is used up. Returns False where it was already."""
        ...

    async def count_recovery_codes(self, user_id: str) -> int:
        """Return how many were not used."""
        ...

    async def has_recovery_code(self, user_id: str, code_hash: str) -> bool:
        """Whether it is one that was not used."""
        ...

    async def find_pending_login(self, token_hash: str, now: datetime) -> User | None:
        """Return whose login waits for a code; None where it has expired or is done."""
        ...

    async def finish_login(
        self, token_hash: str, session_hash: str, proof: int | str, by: Actor, now: datetime, browser: str
    ) -> bool:
        """Use up the proof, end the pending login, and begin a session, in one transaction.

        proof:    the time step of a code, or the hash of a recovery code.
        Returns:  False, and nothing was changed, where the proof was used already or the login cannot be finished.
        """
        ...
