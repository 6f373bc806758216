"""Which identity provider people log in at, and which of its roles are which of ours."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from confrere.domain.users import Rights, Role

_INBOX = "inbox"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """An identity provider that speaks OpenID Connect.

    client_secret:  None for a public client.
    role_claim:     where the provider says what somebody is: a name, or a path such as `realm_access.roles`.
    rights_of:      what those words are here.
    workspace_claim:  where it says in which workspace somebody works; None: all in the first one.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    role_claim: str
    rights_of: Mapping[str, Rights]
    scopes: str
    workspace_claim: str | None = None

    @property
    def host(self) -> str:
        """What people call the provider."""
        return urlsplit(self.issuer).netloc

    def may_ask(self, url: object) -> bool:
        """Whether the provider may send us there: to HTTPS, or to this machine where it is on this machine itself."""
        return isinstance(url, str) and (_is_https(url) or (_is_here(self.issuer) and _is_here(url)))


def parse_provider(
    issuer: str | None,
    client_id: str | None,
    client_secret: str | None,
    role_claim: str,
    roles: str | None,
    scopes: str,
    workspace_claim: str | None = None,
) -> ProviderSettings | None:
    """Return the settings; None where there is no issuer. Raises ValueError, with the setting's name."""
    if issuer is None:
        return None
    if not (_is_https(issuer) or _is_here(issuer)) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise ValueError("CONFRERE_OIDC_ISSUER must be an address such as https://login.example.org")
    if client_id is None:
        raise ValueError("CONFRERE_OIDC_CLIENT_ID is missing: the name that the provider has for Confrere")
    if "openid" not in scopes.split():
        raise ValueError("CONFRERE_OIDC_SCOPES must have openid among them, such as openid profile email")
    rights_of = _parse_roles(roles or "")
    return ProviderSettings(issuer, client_id, client_secret, role_claim, rights_of, scopes, workspace_claim)


def _parse_roles(text: str) -> Mapping[str, Rights]:
    rights_of = {}
    for part in text.split(","):
        theirs, _, ours = part.strip().rpartition("=")
        role, _, more = ours.strip().partition("+")
        if not theirs.strip() or role not in set(Role) or more not in ("", _INBOX):
            raise ValueError(
                "CONFRERE_OIDC_ROLES must list the provider's roles with ours, such as "
                "admins=owner,marketing=writer,support=viewer+inbox; ours are " + ", ".join(Role)
            )
        rights_of[theirs.strip()] = Rights(Role(role), inbox=more == _INBOX)
    return rights_of


def _is_https(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and parts.username is None


def _is_here(url: str) -> bool:
    """Whether it is an address of this machine in clear text, as in tests."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.username is not None:
        return False
    try:
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
