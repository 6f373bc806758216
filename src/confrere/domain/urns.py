"""LinkedIn's ids of people, groups and conversations, as types that parse or refuse, for every interface.

The ordinary form is matched first. Only what does not match it pays for the other forms and for the explanation.
"""

import re
from unicodedata import category

from confrere.domain.errors import InvalidField

PROFILE_FORM = "must be of the form urn:li:fsd_profile:<id> or a bare ACoAA… profile id"
VANITY_FORM = (
    f"{PROFILE_FORM}; the name in a profile's address is not the id. Take the profileUrn from the group's members "
    "list, or resolve the address with POST /v1/people/resolve {profileUrl}"
)
CONVERSATION_FORM = "must be of the form urn:li:msg_conversation:(urn:li:fsd_profile:<id>,2-<id>)"
GROUP_FORM = "must be 1 to 19 digits, urn:li:fsd_group:<digits> or the URL of a group"

_PROFILE_ID = r"[A-Za-z0-9_-]{1,64}"
_BARE_PROFILE_ID = r"ACoAA[A-Za-z0-9_-]{1,59}"
_PROFILE_URN = re.compile(rf"urn:li:fsd_profile:({_PROFILE_ID})")
_PROFILE_ALIAS = re.compile(rf"urn:li:(?:fsd_profile|fs_miniProfile):({_PROFILE_ID})|({_BARE_PROFILE_ID})")
_PROFILE_PATH = re.compile(rf"/in/({_BARE_PROFILE_ID})(?:/.*)?")
_VANITY_NAME = re.compile(r"(?:/in/)?(?!ACoAA)[\w%-]{3,}(?:/.*)?")
_CONVERSATION_URN = re.compile(
    rf"urn:li:msg_conversation:\((urn:li:fsd_profile:{_PROFILE_ID}),(2-[A-Za-z0-9+/_-]{{1,200}}={{0,2}})\)"
)
_GROUP_DIGITS = re.compile(r"[0-9]{1,19}")
_GROUP_URN = re.compile(r"urn:li:(?:fsd_)?group:([0-9]{1,19})")
_GROUP_PATH = re.compile(r"/groups/([0-9]{1,19})(?:/.*)?")
_GROUP_IN_QUERY = re.compile(r"(?:^|&)gid=([0-9]{1,19})(?=&|$)")
_LINKEDIN_PAGE = re.compile(
    r"(?:https?://|//)?(?:(?:www|m|mobile|touch|[a-z]{2,3})\.)?linkedin\.com(?::443)?"
    r"(?P<path>/[^\s?#]*)?(?:\?(?P<query>[^\s#]*))?(?:#\S*)?",
    re.ASCII | re.IGNORECASE,
)


class ProfileUrn(str):
    """A person: `urn:li:fsd_profile:<id>`, the id 1-64 of letters, digits, `_` and `-`.

    Source: the HTTP contract, section 1, "Fields".
    """

    __slots__ = ()

    @classmethod
    def parse(cls, value: object, *, field: str = "recipientProfileUrn") -> "ProfileUrn":
        """The URN in `value`. Raises InvalidField.

        Taken, with blanks around it: the URN, a bare `ACoAA…` id, `urn:li:fs_miniProfile:<id>`, and the address
        `https://www.linkedin.com/in/ACoAA…` in any of its forms.
        """
        if not isinstance(value, str):
            raise InvalidField(field, "must be a string")
        if _PROFILE_URN.fullmatch(value):
            return cls(value)
        text = trimmed(value)
        if found := _PROFILE_ALIAS.fullmatch(text):
            return cls(f"urn:li:fsd_profile:{found[1] or found[2]}")
        path = page_path(text) or ""
        if found := _PROFILE_PATH.fullmatch(path):
            return cls(f"urn:li:fsd_profile:{found[1]}")
        raise InvalidField(field, VANITY_FORM if _VANITY_NAME.fullmatch(path or text) else PROFILE_FORM)

    @property
    def profile_id(self) -> str:
        """The bare id at the end."""
        return self.rpartition(":")[2]


class GroupId(str):
    """A group: 1-19 digits."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object, *, field: str = "groupId") -> "GroupId":
        """The id in `value`. Raises InvalidField.

        Taken: a whole number and, with blanks around it, digits, `urn:li:fsd_group:<digits>`, `urn:li:group:<digits>`
        and the address of a group's page in any of its forms.
        """
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**19:
            return cls(value)
        if not isinstance(value, str):
            raise InvalidField(field, GROUP_FORM)
        if _GROUP_DIGITS.fullmatch(value):
            return cls(value)
        text = trimmed(value)
        if _GROUP_DIGITS.fullmatch(text):
            return cls(text)
        if found := _GROUP_URN.fullmatch(text) or _group_in_address(text):
            return cls(found[1])
        raise InvalidField(field, GROUP_FORM)

    @classmethod
    def parse_url(cls, value: object, *, field: str = "groupUrl") -> "GroupId":
        """The id in the address of a group's page, and in nothing else. Raises InvalidField."""
        if isinstance(value, str) and (found := _group_in_address(trimmed(value))):
            return cls(found[1])
        raise InvalidField(field, "must be the URL of a group: https://www.linkedin.com/groups/<digits>/")

    @property
    def urn(self) -> str:
        """`urn:li:fsd_group:<id>`."""
        return f"urn:li:fsd_group:{self}"


class ConversationUrn(str):
    """A conversation in a member's mailbox: `urn:li:msg_conversation:(<profile URN of the owner>,2-<id>)`."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object, *, field: str = "conversationUrn") -> "ConversationUrn":
        """The URN in `value`, blanks around it taken off. Raises InvalidField."""
        if not isinstance(value, str):
            raise InvalidField(field, "must be a string")
        text = trimmed(value)
        if not _CONVERSATION_URN.fullmatch(text):
            raise InvalidField(field, CONVERSATION_FORM)
        return cls(text)

    @property
    def owner_urn(self) -> str:
        """The profile URN of the mailbox's owner."""
        return self.partition("(")[2].partition(",")[0]


def page_path(text: str) -> str | None:
    """Return the path in the address of a page of LinkedIn's; None where the text is no such address."""
    page = _LINKEDIN_PAGE.fullmatch(text)
    return page["path"] if page else None


def trimmed(text: str) -> str:
    """The text without blanks around it, and without the invisible characters that copying from a page adds."""
    start, end = 0, len(text)
    while start < end and _is_margin(text[start]):
        start += 1
    while end > start and _is_margin(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_margin(character: str) -> bool:
    return character.isspace() or category(character) == "Cf"


def _group_in_address(text: str) -> re.Match[str] | None:
    """Its id as the first group. The path names it or, as in older links, `gid` in the query."""
    page = _LINKEDIN_PAGE.fullmatch(text)
    if page is None or page["path"] is None:
        return None
    path = page["path"]
    if found := _GROUP_PATH.fullmatch(path):
        return found
    return _GROUP_IN_QUERY.search(page["query"] or "") if path in ("/groups", "/groups/") else None
