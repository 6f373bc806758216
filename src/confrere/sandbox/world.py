"""The world: members, groups, memberships and connections, as a pure function of a seed and a size.

No member is stored. A member is a number, from which profile id, name and the rest are computed, and which is computed
from them. So a world of 100,000 members starts as fast as one of 200.
"""

import base64
import binascii
import functools
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

from confrere.sandbox import names

EXAMPLE_PROFILE_ID: Final = "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"
"""The recipient in the documentation's examples: a member of every world and of its demo group."""

DEMO_GROUP_ID: Final = 12345678
SMALLEST_DEMO_COUNT: Final = 137
LEAST_ORDINARY_COUNT: Final = 150

_EXAMPLE_NUMBER: Final = 1516915331
_FIRST_MEMBER_NUMBER: Final = 900_000_001
_FIRST_ACCOUNT_NUMBER: Final = 700_000_001
_OTHER_GROUPS_ID: Final = 13_000_000
_GROUP_ID_STEP: Final = 7919
_ID_HEAD: Final = b"\x00\x2a\x00\x00"
_PROFILE_URN: Final = "urn:li:fsd_profile:"
_GROUP_URN: Final = re.compile(r"urn:li:fsd_group:([0-9]{1,19})", re.ASCII)
_BASE36: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class Profile(NamedTuple):
    """A member's public profile."""

    number: int
    profile_id: str
    first_name: str
    last_name: str
    headline: str
    public_identifier: str
    premium: bool
    has_picture: bool
    follower_count: int | None

    @property
    def urn(self) -> str:
        """`urn:li:fsd_profile:<id>`."""
        return _PROFILE_URN + self.profile_id


@dataclass(frozen=True, slots=True)
class Group:
    """A group: its id, its name, and its initial members as ranges of places in the world."""

    group_id: int
    name: str
    ranges: tuple[range, ...]

    @property
    def urn(self) -> str:
        """`urn:li:fsd_group:<id>`."""
        return f"urn:li:fsd_group:{self.group_id}"

    def __len__(self) -> int:
        return sum(map(len, self.ranges))

    def __contains__(self, place: int) -> bool:
        return any(place in places for places in self.ranges)

    def __getitem__(self, position: int) -> int:
        for places in self.ranges:
            if position < len(places):
                return places[position]
            position -= len(places)
        raise IndexError(position)

    def position(self, place: int) -> int:
        """Return the position in the group's list of the member at this place in the world. Raises ValueError."""
        before = 0
        for places in self.ranges:
            if place in places:
                return before + places.index(place)
            before += len(places)
        raise ValueError(place)


class World:
    """A seeded world of `member_count` people, of whom the last `account_count` have a session.

    The places 0 … are first ordinary members, then the example recipient, then the accounts. `member_count` is raised
    where it is too small for a demo group of over a hundred members and some people outside it.
    """

    def __init__(
        self, *, seed: int = 1, member_count: int = 2000, account_count: int = 3, group_count: int = 6
    ) -> None:
        self.seed = seed
        self.account_count = account_count
        self.member_count = max(member_count, account_count + LEAST_ORDINARY_COUNT)
        self.ordinary_count = self.member_count - account_count
        self.group_count = max(group_count, 3)
        self._key = seed.to_bytes(16, "big", signed=True)
        self.demo_count = max(SMALLEST_DEMO_COUNT, self.ordinary_count // 4)
        self.profile = functools.lru_cache(maxsize=16_384)(self._profile)
        self.number_of = functools.lru_cache(maxsize=65_536)(self._number_of)
        self.group = functools.lru_cache(maxsize=1024)(self._group)

    def opaque(self, purpose: bytes, number: int, size: int) -> bytes:
        """Return pseudo-random bytes that depend only on the seed, the purpose and the number."""
        digest = hashlib.blake2b(number.to_bytes(8, "big"), digest_size=size, key=self._key, person=purpose)
        return digest.digest()

    # People

    def account_number(self, account: int) -> int:
        """Return the member number of the account with this ordinal."""
        return _FIRST_ACCOUNT_NUMBER + account

    def account_of(self, number: int) -> int | None:
        """Return the ordinal of this member's account, if there is one."""
        account = number - _FIRST_ACCOUNT_NUMBER
        return account if 0 <= account < self.account_count else None

    def number_at(self, place: int) -> int:
        """Return the member number at this place in the world."""
        if place >= self.ordinary_count:
            return _FIRST_ACCOUNT_NUMBER + place - self.ordinary_count
        return _EXAMPLE_NUMBER if place == self.ordinary_count - 1 else _FIRST_MEMBER_NUMBER + place

    def place_of(self, number: int) -> int | None:
        """Return the place in the world of this member, if there is one."""
        if number == _EXAMPLE_NUMBER:
            return self.ordinary_count - 1
        if 0 <= (account := number - _FIRST_ACCOUNT_NUMBER) < self.account_count:
            return self.ordinary_count + account
        place = number - _FIRST_MEMBER_NUMBER
        return place if 0 <= place < self.ordinary_count - 1 else None

    def profile_id(self, number: int) -> str:
        """Return the 39-character id: base64url of `00 2A 00 00`, the number in four bytes, `01`, and 20 opaque bytes.

        Source: LinkedIn web client, computed from public pairs of ids and numbers.
        """
        if number == _EXAMPLE_NUMBER:
            return EXAMPLE_PROFILE_ID
        raw = _ID_HEAD + number.to_bytes(4, "big") + b"\x01" + self.opaque(b"profile", number, 20)
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def profile_urn(self, number: int) -> str:
        """Return `urn:li:fsd_profile:<id>` of this member."""
        return self.profile(number).urn

    def _number_of(self, profile: str) -> int | None:
        """Return the member number of a profile URN or a bare profile id, if there is such a member."""
        profile_id = profile.removeprefix(_PROFILE_URN)
        try:
            number = int.from_bytes(base64.urlsafe_b64decode(profile_id + "=")[4:8], "big")
        except (binascii.Error, ValueError):
            return None
        exists = self.place_of(number) is not None
        return number if exists and self.profile_id(number) == profile_id else None

    def names_of(self, number: int) -> tuple[str, str]:
        """Return a member's first and last name."""
        if number == _EXAMPLE_NUMBER:
            return "Bastien", "Exemple"
        turn = number + self.seed
        last = names.LAST_NAMES[turn // len(names.FIRST_NAMES) % len(names.LAST_NAMES)]
        return names.FIRST_NAMES[turn % len(names.FIRST_NAMES)], last

    def _profile(self, number: int) -> Profile:
        first, last = self.names_of(number)
        mixed = self.opaque(b"headline", number, 4)
        role, company = names.ROLES[mixed[0] % len(names.ROLES)], names.COMPANIES[mixed[1] % len(names.COMPANIES)]
        town = names.TOWNS[mixed[2] % len(names.TOWNS)]
        slug = f"{plain_words(first, '')}-{plain_words(last, '')}-{_to_base36(number)}"
        headline = f"{role} at {company}, {town}"
        looks = self.opaque(b"looks", number, 3)
        shown = number == _EXAMPLE_NUMBER
        return Profile(
            number=number,
            profile_id=self.profile_id(number),
            first_name=first,
            last_name=last,
            headline=headline,
            public_identifier=slug,
            premium=mixed[3] % 5 == 0,
            has_picture=shown or looks[0] % 8 != 0,
            follower_count=looks[1] * 7 + looks[2] if shown or looks[2] % 9 != 0 else None,
        )

    def number_of_public_identifier(self, public_identifier: str) -> int | None:
        """Return the member number of this vanity name, if there is one."""
        try:
            number = int(public_identifier.rpartition("-")[2], 36)
        except ValueError:
            return None
        exists = self.place_of(number) is not None
        return number if exists and self.profile(number).public_identifier == public_identifier else None

    def connected(self, one: int, other: int) -> bool:
        """Whether two members are connected initially: each account with about one ordinary member in eleven."""
        if self.account_of(one) is None:
            one, other = other, one
        account, place = self.account_of(one), self.place_of(other)
        if account is None or place is None or place >= self.ordinary_count - 1:
            return False
        return (place * 31 + account * 17) % 11 == 3

    # Groups

    def group_id_at(self, ordinal: int) -> int:
        """Return the id of the group with this ordinal; 0 is the demo group."""
        return DEMO_GROUP_ID if ordinal == 0 else _OTHER_GROUPS_ID + ordinal * _GROUP_ID_STEP

    def _group(self, group_id: int) -> Group | None:
        """Return the group with this id, if there is one.

        0 is the demo group (all accounts, the example recipient, a quarter of the others), 1 holds everybody, 2 is one
        that no account is in, and the rest hold every third, fourth, … member.
        """
        ordinal, remainder = divmod(group_id - _OTHER_GROUPS_ID, _GROUP_ID_STEP)
        if group_id == DEMO_GROUP_ID:
            ordinal, remainder = 0, 0
        elif ordinal == 0 or remainder:
            return None
        if not 0 <= ordinal < self.group_count:
            return None
        subject = names.GROUP_SUBJECTS[ordinal % len(names.GROUP_SUBJECTS)]
        name = subject if ordinal < len(names.GROUP_SUBJECTS) else f"{subject} {ordinal}"
        return Group(group_id, name, self._group_ranges(ordinal))

    def _group_ranges(self, ordinal: int) -> tuple[range, ...]:
        match ordinal:
            case 0:
                return (range(self.demo_count), range(self.ordinary_count - 1, self.member_count))
            case 1:
                return (range(self.member_count),)
            case 2:
                return (range(self.demo_count // 2, self.ordinary_count - 1),)
            case _:
                return (range(ordinal % 3, self.member_count, 3 + ordinal % 40),)

    def groups(self) -> list[Group]:
        """Return all groups, the demo group first."""
        found = (self.group(self.group_id_at(ordinal)) for ordinal in range(self.group_count))
        return [group for group in found if group is not None]

    def group_of_urn(self, urn: str) -> Group | None:
        """Return the group of a `urn:li:fsd_group:<digits>`, if there is one."""
        found = _GROUP_URN.fullmatch(urn)
        return self.group(int(found[1])) if found else None


@functools.lru_cache(maxsize=1024)
def plain_words(name: str, between: str = " ") -> str:
    """Return a name's words without accents or signs, in lower case, joined by `between`."""
    letters = unicodedata.normalize("NFKD", name.replace("ø", "o")).encode("ascii", "ignore").decode()
    return between.join(re.findall(r"[a-z]+", letters.lower().replace("'", "")))


def _to_base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits
