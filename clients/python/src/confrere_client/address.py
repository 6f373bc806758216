"""Which server is asked, and with which key."""

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from confrere_client.version import __version__

BASE_PATH = "/linkedin"
API_KEY_VARIABLE = "CONFRERE_API_KEY"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is; `root` ends without a slash and without `/linkedin`."""

    root: str
    api_key: str | None = field(repr=False)

    @property
    def api(self) -> str:
        """The base of all paths of the API."""
        return self.root + BASE_PATH

    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        headers = {"Accept": "application/json", "User-Agent": f"confrere-client/{__version__}"}
        if self.api_key is not None:
            headers["Authorization"] = f"Bearer {self.api_key}"
        return headers


def read_address(base_url: str, api_key: str | None) -> Address:
    """The server's address; the key from the environment where none is given. Raises ValueError."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("base_url must be of the form https://host or https://host/linkedin")
    if parts.username is not None:
        raise ValueError("base_url must not hold a user or a password")
    root = base_url.rstrip("/").removesuffix(BASE_PATH).rstrip("/")
    key = (os.environ.get(API_KEY_VARIABLE, "") if api_key is None else api_key).strip()
    if not all("!" <= character <= "~" for character in key):
        raise ValueError("api_key must be visible ASCII characters")
    return Address(root, key or None)
