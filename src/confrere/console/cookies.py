"""The console's cookies: of the session, of forms, of a login at a provider, and of how pages look."""

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from confrere.domain.users import PENDING_LOGIN_LIFETIME, SESSION_LIFETIME

_FORM_SECONDS = 30 * 24 * 3600
_DISPLAY_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class CookieNames:
    """The names of the cookies at one origin. A port is part of them: cookies do not distinguish ports."""

    session: str
    form: str
    theme: str
    zone: str
    sign_in: str
    is_secure: bool

    @classmethod
    def at(cls, origin: str) -> "CookieNames":
        """On HTTPS their prefix has browsers refuse them from other hosts and in clear text."""
        parts = urlsplit(origin)
        is_secure = parts.scheme == "https"
        prefix = f"{'__Host-' if is_secure else ''}confrere-{parts.port or (443 if is_secure else 80)}"
        return cls(
            f"{prefix}-session",
            f"{prefix}-form",
            f"{prefix}-theme",
            f"{prefix}-zone",
            f"{prefix}-sign-in",
            is_secure,
        )

    def keep_session(self, token: str) -> tuple[bytes, bytes]:
        """Return the header that logs the browser in."""
        return self._header(self.session, token, int(SESSION_LIFETIME.total_seconds()))

    def drop_session(self) -> tuple[bytes, bytes]:
        """Return the header that logs the browser out."""
        return self._header(self.session, "", 0)

    def keep_form(self, secret: str) -> tuple[bytes, bytes]:
        """Return the header that gives the browser its secret for forms. It outlives a session."""
        return self._header(self.form, secret, _FORM_SECONDS)

    def keep_theme(self, theme: str) -> tuple[bytes, bytes]:
        """Return the header that keeps `light` or `dark`, or drops it: "" is as the system is."""
        return self._header(self.theme, theme, _DISPLAY_SECONDS if theme else 0)

    def keep_zone(self, zone: str) -> tuple[bytes, bytes]:
        """Return the header that keeps the zone of times."""
        return self._header(self.zone, zone, _DISPLAY_SECONDS)

    def keep_sign_in(self, secret: str) -> tuple[bytes, bytes]:
        """Return the header that binds a login at an identity provider to the browser."""
        return self._header(self.sign_in, secret, int(PENDING_LOGIN_LIFETIME.total_seconds()))

    def drop_sign_in(self) -> tuple[bytes, bytes]:
        """Return the header that ends it."""
        return self._header(self.sign_in, "", 0)

    def _header(self, name: str, value: str, seconds: int) -> tuple[bytes, bytes]:
        secure = "; Secure" if self.is_secure else ""
        return b"set-cookie", f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}".encode()


def form_token(secret: str) -> str:
    """Return what a form of the browser with this secret holds: a page that cannot read the cookie cannot know it."""
    return hashlib.sha256(f"form {secret}".encode()).hexdigest()
