"""The server's address and the API key: parsing and validation."""

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from confrere_client.version import __version__

BASE_PATH = "/linkedin"
API_KEY_VARIABLE = "CONFRERE_API_KEY"
_QUOTES = tuple("\"'`<[(\u201c\u2018\u201e\u00ab")


@dataclass(frozen=True, slots=True)
class Address:
    """The server's URL and key; `root` has no trailing slash and no `/linkedin`."""

    root: str
    api_key: str | None = field(repr=False)

    @property
    def api(self) -> str:
        """The base URL of the API's paths."""
        return self.root + BASE_PATH

    def headers(self) -> dict[str, str]:
        """Return the headers of every request."""
        headers = {"Accept": "application/json", "User-Agent": f"confrere-client/{__version__}"}
        if self.api_key is not None:
            headers["Authorization"] = f"Bearer {self.api_key}"
        return headers


def read_address(base_url: str, api_key: str | None) -> Address:
    """Parse the address; take the key from the environment where none is given. Raises ValueError, TypeError."""
    if api_key is None:
        return Address(_read_root(base_url), _read_key(os.environ.get(API_KEY_VARIABLE, ""), API_KEY_VARIABLE))
    return Address(_read_root(base_url), _read_key(api_key, "api_key"))


def _read_root(base_url: str) -> str:
    if not isinstance(base_url, str):
        raise TypeError("base_url must be a string")
    url = base_url.strip().rstrip("/")
    if not _is_address(url):
        raise ValueError("base_url must be of the form https://host or https://host/linkedin")
    if urlsplit(url).username is not None:
        raise ValueError("base_url must not hold a user or a password")
    root = url.removesuffix(BASE_PATH).rstrip("/")
    if f"{BASE_PATH}/" in root:
        raise ValueError("base_url must not go on after /linkedin: the client adds the endpoints itself")
    return root


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is none
    except ValueError:
        return False
    has_host = parts.scheme in ("http", "https") and bool(parts.hostname)
    return has_host and not parts.query and not parts.fragment and url.isprintable() and " " not in url


def _read_key(given: str, name: str) -> str | None:
    """Validate the key; None where it is empty. name: the argument or variable to name in errors, which hold no key."""
    if not isinstance(given, str):
        raise TypeError(f"{name} must be a string")
    key = given.strip()
    if key.lower() == "bearer" or key.lower().startswith("bearer "):
        raise ValueError(f"{name} must be the key alone, without the word Bearer: the client adds it")
    if key.startswith(_QUOTES):
        raise ValueError(f"{name} must be the key alone, without quotes or brackets around it")
    if key.startswith(("$", "{{")):
        raise ValueError(f"{name} must be a key, but is a placeholder: its variable was not filled in")
    if not all("!" <= character <= "~" for character in key):
        raise ValueError(f"{name} must be visible ASCII characters, without blanks or line breaks in it")
    return key or None
