import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.sandbox.groups import place_in_list, standing_before
from confrere.sandbox.sessions import Sessions
from confrere.sandbox.world import DEMO_GROUP_ID, EXAMPLE_PROFILE_ID, World

_STRICT_ID = re.compile(r"ACoAA[A-P][A-Za-z0-9_-]{32}[AEIMQUYcgkosw048]")
_BIG = World(member_count=1_000_000, account_count=100_000, group_count=50)


@given(st.integers(0, 999_999))
def test_a_member_is_found_by_everything_that_names_them(place: int) -> None:
    """Place, number, profile id, URN and vanity name of a member all lead to the same one."""
    number = _BIG.number_at(place)
    profile = _BIG.profile(number)
    assert _BIG.place_of(number) == place
    assert _BIG.number_of(profile.profile_id) == number
    assert _BIG.number_of(profile.urn) == number
    assert _BIG.number_of_public_identifier(profile.public_identifier) == number


@given(st.integers(0, 999_999))
def test_ids_are_minted_as_linkedin_mints_them(place: int) -> None:
    """A profile id is base64url of 29 bytes with the member's number in bytes 4 to 7."""
    number = _BIG.number_at(place)
    profile_id = _BIG.profile_id(number)
    raw = base64.urlsafe_b64decode(profile_id + "=")
    assert _STRICT_ID.fullmatch(profile_id)
    assert len(raw) == 29
    assert raw[:4] == b"\x00\x2a\x00\x00"
    assert int.from_bytes(raw[4:8], "big") == number
    assert raw[8] == 1


@given(st.text(max_size=60))
def test_a_text_that_is_no_id_finds_no_member(text: str) -> None:
    """A text that is not an id finds no member."""
    assert _BIG.number_of(text) is None


@pytest.mark.parametrize("size", [1, 137, 2000, 100_000])
def test_the_demo_group_is_in_every_world(size: int) -> None:
    """At any size the demo group has over a hundred members, all accounts, the example recipient, not everybody."""
    world = World(member_count=size, account_count=5)
    group = world.group(DEMO_GROUP_ID)
    assert group is not None
    members = {world.number_at(group[position]) for position in range(len(group))}
    assert 100 < len(members) == len(group) < world.member_count
    assert world.number_of(EXAMPLE_PROFILE_ID) in members
    assert members >= {world.account_number(account) for account in range(5)}


def test_a_group_gives_each_member_once() -> None:
    """Every group's positions are its members, each once, and lead back."""
    world = World(member_count=600, account_count=4, group_count=9)
    for group in world.groups():
        places = [group[position] for position in range(len(group))]
        assert len(set(places)) == len(places) > 0
        assert [group.position(place) for place in places] == list(range(len(group)))
        assert all(place in group for place in places)
        assert sum(place in group for place in range(world.member_count)) == len(group)
    assert len(world.groups()) == 9


def test_one_group_holds_everybody_and_one_no_account() -> None:
    """There is a group as large as the world, and one that no account can read."""
    world = World(member_count=100_000)
    everybody, closed = world.groups()[1:3]
    assert len(everybody) == 100_000
    assert not any(world.ordinary_count + account in closed for account in range(world.account_count))


def test_a_seed_makes_its_world() -> None:
    """The same seed makes the same people and cookies, another seed others, and a larger size changes no member."""
    one, same, larger, other = World(seed=1), World(seed=1), World(seed=1, member_count=50_000), World(seed=2)
    number = one.number_at(7)
    assert one.profile(number) == same.profile(number) == larger.profile(number) != other.profile(number)
    assert Sessions(one).cookie_header(2) == Sessions(larger).cookie_header(2) != Sessions(other).cookie_header(2)


@given(st.integers(0, 99_999))
def test_cookies_lead_back_to_their_account(account: int) -> None:
    """The cookies of any account are known again without being stored."""
    sessions = Sessions(_BIG)
    presented = sessions.read_cookies(sessions.cookie_header(account).encode())
    jsession = sessions.cookies(account)["JSESSIONID"]
    assert re.fullmatch(r'"ajax:[0-9]{19}"', jsession)
    assert presented == (account, True, jsession.strip('"').encode())


@pytest.mark.parametrize("cookie", ["", "a=b", "li_at=x", "li_at=AQED", 'li_at="delete me"', "li_at=AQEDAAAAAA=="])
def test_other_cookies_belong_to_no_account(cookie: str) -> None:
    """An invented li_at belongs to no account."""
    assert Sessions(_BIG).read_cookies(cookie.encode()).account is None


@given(st.integers(0, 5000))
def test_nulls_in_a_list_displace_no_member(standing: int) -> None:
    """Each real member has their own position in the list with nulls, in order."""
    place = place_in_list(standing)
    assert standing_before(place) == standing
    assert standing_before(place + 1) == standing + 1
