"""LinkedIn's names for people and groups, as types that parse or refuse."""

import re

from confrere.domain.errors import InvalidField

_PROFILE_URN = re.compile(r"urn:li:fsd_profile:([A-Za-z0-9_-]{1,64})")
_BARE_PROFILE_ID = re.compile(r"ACoAA[A-Za-z0-9_-]{1,59}")
_GROUP_URL = re.compile(r"https?://(?:[a-z]{2,3}\.)?linkedin\.com/groups/([0-9]{1,19})(?:[/?#].*)?", re.ASCII)
_GROUP_URN = re.compile(r"(?:urn:li:fsd_group:)?([0-9]{1,19})", re.ASCII)


class ProfileUrn(str):
    """A person: `urn:li:fsd_profile:<id>`, the id 1-64 of letters, digits, `_` and `-`.

    Source: the HTTP contract, section 1, "Fields".
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str, *, field: str = "recipientProfileUrn") -> "ProfileUrn":
        """The URN in `text`, which may also be a bare `ACoAA…` id. Raises InvalidField."""
        if found := _PROFILE_URN.fullmatch(text):
            return cls(found[0])
        if _BARE_PROFILE_ID.fullmatch(text):
            return cls(f"urn:li:fsd_profile:{text}")
        raise InvalidField(field, "must be of the form urn:li:fsd_profile:<id> or a bare ACoAA… profile id")

    @property
    def profile_id(self) -> str:
        """The bare id at the end."""
        return self.rpartition(":")[2]


class GroupId(str):
    """A group: 1-19 digits."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str | int, *, field: str = "groupId") -> "GroupId":
        """The id in `value`: digits, an integer, `urn:li:fsd_group:<digits>` or a group's URL. Raises InvalidField."""
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and (found := _GROUP_URN.fullmatch(text) or _GROUP_URL.fullmatch(text)):
            return cls(found[1])
        raise InvalidField(field, "must be 1 to 19 digits, urn:li:fsd_group:<digits> or the URL of a group")

    @property
    def urn(self) -> str:
        """`urn:li:fsd_group:<id>`."""
        return f"urn:li:fsd_group:{self}"
