"""Slows those who guess, by what they guess and by where they come from."""

import hashlib
import ipaddress
from typing import Final

from confrere.domain.errors import LoginDelayed
from confrere.ports import Clock, Users

FREE_ATTEMPTS_OF_NAME: Final = 5
FREE_ATTEMPTS_OF_ADDRESS: Final = 20


class Attempts:
    """Counts attempts before what was typed is checked."""

    def __init__(self, *, users: Users, clock: Clock) -> None:
        self._users = users
        self._clock = clock

    async def take(self, kind: str, *of: str, address: str | None) -> None:
        """Count an attempt. Raises LoginDelayed.

        kind, of:  what is guessed, such as the password of a name.
        address:   the client's; it slows, and is never trusted.
        """
        free = {_subject(kind, *of): FREE_ATTEMPTS_OF_NAME, _of_address(address): FREE_ATTEMPTS_OF_ADDRESS}
        wait_until = await self._users.take_attempt(free, self._clock())
        if wait_until is not None:
            raise LoginDelayed(wait_until)

    async def forget(self, kind: str, *of: str, address: str | None) -> None:
        """Forget the attempts: the last one was right. Of its address only this one: others there may guess."""
        await self._users.forget_attempts(_subject(kind, *of), address=_of_address(address))


def _subject(*parts: str) -> str:
    """Return a hash: what people type into the field of the name may be their password."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _of_address(address: str | None) -> str:
    return _subject("address", _network(address or ""))


def _network(address: str) -> str:
    """Return an IPv6 address's /64, which one household has; any other address as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))
