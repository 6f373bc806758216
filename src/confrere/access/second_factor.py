"""The second factor of a login by password: set up, asked for, and taken off."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from confrere.access.attempts import Attempts
from confrere.access.totp import (
    hash_recovery_code,
    matching_step,
    new_recovery_codes,
    new_secret,
    recovery_code_of,
    setup_uri,
)
from confrere.domain.audit import Actor
from confrere.domain.errors import InvalidField, NotFound, Unauthorized
from confrere.domain.users import User, hash_token, new_token
from confrere.ports import Clock, Store

WRONG_CODE = "must be the one that the app shows now; each code counts once"


@dataclass(frozen=True, slots=True)
class Setup:
    """A second factor that is being set up. uri: for the QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


class SecondFactorLogins:
    """The second factors of a workspace's users."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._attempts = Attempts(users=store, clock=clock)

    async def begin(self, user: User) -> Setup | None:
        """Return a secret for the user's app; the same until it is confirmed. None where they have a second factor."""
        known = await self._store.read_second_factor(user.id)
        if known is not None and known.is_confirmed:
            return None
        secret = known.secret if known else new_secret()
        if known is None and not await self._store.begin_second_factor(user.id, secret):
            return None
        return Setup(secret, setup_uri(secret, user.name))

    async def confirm(self, user: User, code: str, by: Actor) -> Sequence[str]:
        """Have logins ask for codes from now on; return the recovery codes, which are shown this once.

        Raises:  InvalidField where the code is not the app's, NotFound where nothing is being set up, LoginDelayed.
        """
        factor = await self._store.read_second_factor(user.id)
        if factor is None or factor.is_confirmed:
            raise NotFound("No second factor is being set up; begin on your profile")
        step = await self._check(user.id, factor.secret, code, factor.last_step, by)
        codes = new_recovery_codes()
        hashes = [hash_recovery_code(user.id, one) for one in codes]
        if not await self._store.confirm_second_factor(user.workspace_id, user.id, step, hashes, by, self._clock()):
            raise NotFound("Another browser has set up a second factor meanwhile")
        return codes

    async def renew_recovery_codes(self, user: User, code: str, by: Actor) -> Sequence[str]:
        """Replace the recovery codes, used or not. Raises InvalidField, NotFound, LoginDelayed."""
        factor = await self._store.read_second_factor(user.id)
        if factor is None or not factor.is_confirmed:
            raise NotFound("There is no second factor")
        step = await self._check(user.id, factor.secret, code, factor.last_step, by)
        codes = new_recovery_codes()
        hashes = [hash_recovery_code(user.id, one) for one in codes]
        if not await self._store.replace_recovery_codes(user.workspace_id, user.id, step, hashes, by, self._clock()):
            raise InvalidField("code", WRONG_CODE)
        return codes

    async def remove(self, user: User, code: str, by: Actor) -> None:
        """Take it off, with its recovery codes. Raises InvalidField, LoginDelayed.

        code:  the app's, or a recovery code: whoever sits down at a browser that is logged in has neither.
        """
        factor = await self._store.read_second_factor(user.id)
        if factor is not None and factor.is_confirmed and not await self._is_recovery_code(user, code, by):
            await self._check(user.id, factor.secret, code, factor.last_step, by)
        await self._store.remove_second_factor(user.workspace_id, user.id, by, self._clock())

    async def reset(self, workspace_id: str, name: str, by: Actor) -> User:
        """Take it off for somebody who has lost it. Raises NotFound where there is no such user, or nothing to take."""
        user = await self._store.find_user(workspace_id, name)
        if user is None:
            raise NotFound("There is no such user in this workspace")
        if not await self._store.remove_second_factor(workspace_id, user.id, by, self._clock()):
            raise NotFound("This user has no second factor")
        return user

    async def count_recovery_codes(self, user: User) -> int:
        """Return how many are left."""
        return await self._store.count_recovery_codes(user.id)

    async def finish_login(self, pending: str, code: str, by: Actor, *, browser: str = "") -> str:
        """Check the code of a login whose password was right, and return the token of a new session.

        pending:  the token that `CodeNeeded` holds.
        code:     the app's, or a recovery code.
        Raises:   Unauthorized where the code is wrong or used, NotFound where the login took too long, LoginDelayed.
        """
        user = await self._store.find_pending_login(hash_token(pending), self._clock())
        factor = await self._store.read_second_factor(user.id) if user else None
        if user is None or factor is None:
            raise NotFound("The login took too long; log in again")
        await self._attempts.take("code", user.id, address=by.address)
        proof: int | str | None = matching_step(factor.secret, code, self._clock(), after=factor.last_step)
        if proof is None and recovery_code_of(code):
            proof = hash_recovery_code(user.id, code)
        token = new_token()
        if proof is None or not await self._store.finish_login(
            hash_token(pending), hash_token(token), proof, by, self._clock(), browser
        ):
            await self._store.record_failed_login(user.workspace_id, user.id, by, self._clock(), why="code")
            raise Unauthorized
        await self._attempts.forget("code", user.id, address=by.address)
        return token

    async def _is_recovery_code(self, user: User, code: str, by: Actor) -> bool:
        if recovery_code_of(code) is None:
            return False
        await self._attempts.take("code", user.id, address=by.address)
        is_one = await self._store.has_recovery_code(user.id, hash_recovery_code(user.id, code))
        if is_one:
            await self._attempts.forget("code", user.id, address=by.address)
        return is_one

    async def _check(self, user_id: str, secret: str, code: str, last_step: int, by: Actor) -> int:
        await self._attempts.take("code", user_id, address=by.address)
        step = matching_step(secret, code, self._clock(), after=last_step)
        if step is None:
            raise InvalidField("code", WRONG_CODE)
        await self._attempts.forget("code", user_id, address=by.address)
        return step
