"""People as LinkedIn's profiles show them, and the forms in which a caller may name one."""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

from confrere.domain.errors import InvalidField
from confrere.domain.urns import ProfileUrn, page_path, trimmed

MAX_VANITY_NAME = 100
"""Source: LinkedIn's help page on custom profile addresses."""

_PROFILE_PATH = re.compile(r"/in/([^/]+)(?:/.*)?")
_NO_PART_OF_A_NAME = re.compile(r"""[\s/?#%&:;,()"<>@=\\]""")
PERSON_FORM = (
    "must be the address of a profile (https://www.linkedin.com/in/<name>), the name in it, "
    "urn:li:fsd_profile:<id> or a bare ACoAA… profile id"
)
"""The text of InvalidField for a value that names nobody."""


class VanityName(str):
    """The name in a profile's address, after `/in/`: up to 100 characters of any script. It can change."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A person, as far as LinkedIn shows them to the reading account."""

    profile_urn: ProfileUrn
    public_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    headline: str | None = None

    @property
    def full_name(self) -> str | None:
        """First and last name."""
        return " ".join(name for name in (self.first_name, self.last_name) if name) or None

    @property
    def profile_url(self) -> str | None:
        """The address of the profile's page."""
        return f"https://www.linkedin.com/in/{self.public_id}/" if self.public_id else None


@dataclass(frozen=True, slots=True)
class ConversationWith:
    """The thread of an account with a person; `urn` is None where there is none."""

    profile_urn: ProfileUrn
    urn: str | None


def search_form(name: str) -> str:
    """Return the form by which names are ordered and searched: without regard to case, accents and surplus blanks."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(one for one in letters if not unicodedata.combining(one) and one != "\0").split())


def parse_person(text: str, *, field: str) -> ProfileUrn | VanityName:
    """Return the person that a profile's address, a vanity name, a profile URN or a bare id names.

    Raises:  InvalidField.
    """
    text = trimmed(text)
    found = _PROFILE_PATH.fullmatch(page_path(text) or "")
    try:
        name = unquote(found[1] if found else text, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidField(field, PERSON_FORM) from error
    try:
        return ProfileUrn.parse(name, field=field)
    except InvalidField:
        if 0 < len(name) <= MAX_VANITY_NAME and name.isprintable() and not _NO_PART_OF_A_NAME.search(name):
            return VanityName(name)
        raise InvalidField(field, PERSON_FORM) from None
