"""A person's logged-in LinkedIn session, copied from their browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from confrere.domain.errors import InvalidField


@dataclass(frozen=True, slots=True)
class Session:
    """Cookies, user agent and page headers of one browser. Its repr shows no value: all are secret.

    cookies:  name to value, JSESSIONID with its quotes as the browser keeps it.
    headers:  further headers that the browser sent with its calls (x-li-track, x-li-lang, …), lower-case names.
    account_id, version:  where it is stored, and which of the account's sessions it is; "" and 0 where it is not.
    """

    cookies: Mapping[str, str] = field(repr=False)
    user_agent: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    account_id: str = field(default="", compare=False)
    version: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        for name in ("li_at", "JSESSIONID"):
            if not self.cookies.get(name):
                raise InvalidField("cookie", f"must hold {name}; copy the whole Cookie header of a logged-in browser")
        if not self.user_agent.strip():
            raise InvalidField("userAgent", "must be the user agent of the browser that the cookies come from")

    @property
    def csrf_token(self) -> str:
        """JSESSIONID without its quotes. Source: LinkedIn's web client, attested (csrf is a double-submit check)."""
        return self.cookies["JSESSIONID"].strip('"')

    def refreshed(self, changed: Mapping[str, str]) -> "Session":
        """Return the session with the cookies that LinkedIn has set, merged by name."""
        return replace(self, cookies={**self.cookies, **changed})


@dataclass(frozen=True, slots=True)
class Member:
    """The owner of a session, according to LinkedIn."""

    profile_urn: str
    first_name: str
    last_name: str
    public_id: str
    picture: str | None = None
    premium: bool | None = None
