"""Sessions: each account's cookies and user agent, and which sessions were killed.

Cookies are a pure function of the account's ordinal and are checked by computing them again; only changes are stored.
"""

import base64
import binascii
import functools
import uuid
from typing import Final, NamedTuple

from confrere.sandbox.world import World

USER_AGENT_CALLS: Final = 3
"""How many calls with another user agent than the session's own succeed before the session is killed."""

_CHROME: Final = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
_SYSTEMS: Final = ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
_PREFIX: Final = "AQED"


class SessionCookies(NamedTuple):
    """The content of a Cookie header.

    account:     None where li_at is absent or unknown.
    csrf_token:  the value that the csrf header must repeat.
    """

    account: int | None
    has_token: bool
    csrf_token: bytes | None


class Sessions:
    """The sessions of a world's accounts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._renewed: dict[str, int] = {}
        self._killed: set[int] = set()
        self._user_agent_mismatches: dict[int, int] = {}
        self.read_cookies = functools.lru_cache(maxsize=16_384)(self._read_cookies)
        self.user_agent = functools.lru_cache(maxsize=16_384)(self._user_agent)

    def token(self, account: int) -> str:
        """Return the account's `li_at`."""
        raw = account.to_bytes(4, "big") + self._world.opaque(b"li_at", account, 59)
        return _PREFIX + base64.urlsafe_b64encode(raw).decode()

    def cookies(self, account: int) -> dict[str, str]:
        """Return the cookies of this account's browser.

        Source: LinkedIn web client, attested: `JSESSIONID` is `ajax:` and digits, kept in double quotes.
        """
        digits = int.from_bytes(self._world.opaque(b"jsession", account, 8), "big") % 10**19
        browser = uuid.UUID(bytes=self._world.opaque(b"bcookie", account, 16), version=4)
        return {
            "li_at": self.token(account),
            "JSESSIONID": f'"ajax:{digits:019d}"',
            "bcookie": f'"v=2&{browser}"',
        }

    def cookie_header(self, account: int) -> str:
        """Return the Cookie header of this account's browser."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies(account).items())

    def _user_agent(self, account: int) -> str:
        """Return the user agent of the account's session."""
        mixed = self._world.opaque(b"agent", account, 2)
        return _CHROME.format(_SYSTEMS[mixed[0] % len(_SYSTEMS)], 138 + mixed[1] % 9)

    def _read_cookies(self, header: bytes) -> SessionCookies:
        """Parse a Cookie header."""
        cookies = dict(part.strip().partition("=")[::2] for part in header.decode("latin-1").split(";"))
        token, session = cookies.get("li_at"), cookies.get("JSESSIONID")
        account = None if token is None else self._account_of(token.strip('"'))
        return SessionCookies(account, token is not None, session.strip('"').encode("latin-1") if session else None)

    def _account_of(self, token: str) -> int | None:
        if token in self._renewed:
            return self._renewed[token]
        try:
            account = int.from_bytes(base64.urlsafe_b64decode(token.removeprefix(_PREFIX))[:4], "big")
        except (binascii.Error, ValueError):
            return None
        exists = account < self._world.account_count
        return account if exists and self.token(account) == token else None

    def renew(self, account: int, token: str) -> None:
        """Accept `token` as another li_at of this account."""
        self._renewed[token] = account
        self.read_cookies.cache_clear()

    def kill(self, account: int) -> None:
        """End the account's session."""
        self._killed.add(account)

    def revive(self, account: int) -> None:
        """Restore the account's session."""
        self._killed.discard(account)
        self._user_agent_mismatches.pop(account, None)

    def reset(self) -> None:
        """Restore every session."""
        self._killed.clear()
        self._user_agent_mismatches.clear()
        self._renewed.clear()
        self.read_cookies.cache_clear()

    def is_alive(self, account: int, user_agent: bytes) -> bool:
        """Return whether the session is alive; count calls with another user agent, which kill it after a few.

        Source: LinkedIn web client, attested; the number of calls until then is assumed.
        """
        if account in self._killed:
            return False
        if user_agent.decode("latin-1") == self.user_agent(account):
            return True
        calls = self._user_agent_mismatches.get(account, 0) + 1
        self._user_agent_mismatches[account] = calls
        if calls > USER_AGENT_CALLS:
            self._killed.add(account)
            return False
        return True
