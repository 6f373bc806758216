import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.errors import InvalidField
from confrere.domain.urns import (
    CONVERSATION_FORM,
    GROUP_FORM,
    PROFILE_FORM,
    VANITY_FORM,
    ConversationUrn,
    GroupId,
    ProfileUrn,
)

PERSON = "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"
WIDE_BLANKS = " \t\r\n\u00a0\u2003\u200b\u200e\ufeff"

PROFILE_IDS = st.from_regex(r"ACoAA[A-Za-z0-9_-]{1,59}", fullmatch=True)
GROUP_NUMBERS = st.integers(0, 10**19 - 1)
MARGINS = st.text(st.sampled_from(WIDE_BLANKS), max_size=3)
SCHEMES = st.sampled_from(["https://", "http://", "HTTPS://", "//", ""])
HOSTS = st.sampled_from(
    ["www.linkedin.com", "linkedin.com", "m.linkedin.com", "touch.linkedin.com", "de.linkedin.com", "WWW.LinkedIn.COM"]
)
ENDS = st.sampled_from(["", "/", "/members/", "/?trk=a&b=1", "?trk=a", "#top", "/about/?x=1#y"])


@given(PROFILE_IDS, MARGINS, MARGINS, SCHEMES, HOSTS, ENDS, st.integers(0, 3))
def test_a_person_is_read_in_every_form(
    profile_id: str, before: str, after: str, scheme: str, host: str, end: str, form: int
) -> None:
    """A bare id, both URNs and an address identify the same person, also with surrounding blanks."""
    forms = (
        profile_id,
        f"urn:li:fsd_profile:{profile_id}",
        f"urn:li:fs_miniProfile:{profile_id}",
        f"{scheme}{host}/in/{profile_id}{end}",
    )
    parsed = ProfileUrn.parse(before + forms[form] + after)
    assert parsed == f"urn:li:fsd_profile:{profile_id}"
    assert parsed.profile_id == profile_id


@given(GROUP_NUMBERS, MARGINS, MARGINS, SCHEMES, HOSTS, ENDS)
def test_a_group_is_read_in_every_form(number: int, before: str, after: str, scheme: str, host: str, end: str) -> None:
    """Digits, an integer, both URNs and an address, old or new, name the same group."""
    addresses = (f"{scheme}{host}/groups/{number}{end}", f"{scheme}{host}/groups?home=&gid={number}&trk=anet")
    for text in (f"{number}", f"urn:li:fsd_group:{number}", f"urn:li:group:{number}", *addresses):
        assert GroupId.parse(before + text + after) == f"{number}"
    for address in addresses:
        assert GroupId.parse_url(before + address + after) == f"{number}"
    assert GroupId.parse(number).urn == f"urn:li:fsd_group:{number}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "urn:li:member:900000001",
        "urn:li:fsd_profile:",
        "urn:li:fsd_profile:" + "a" * 65,
        "urn:li:fsd_profile:a b",
        "ACoAA" + "x" * 60,
        "ACoAA",
        f"https://www.linkedin.example/in/{PERSON}",
        f"https://linkedin.com@evil.example/in/{PERSON}",
        f"https://notlinkedin.com/in/{PERSON}",
        f"https://www.linkedin.com/company/{PERSON}",
        "https://www.linkedin.com/groups/12345678/",
    ],
)
def test_other_names_of_people_are_refused_with_the_wanted_form(text: str) -> None:
    """A member's number, a truncated URN and a foreign page are rejected with the accepted form."""
    with pytest.raises(InvalidField, match=f"^{re.escape(f'recipientProfileUrn {PROFILE_FORM}')}$"):
        ProfileUrn.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "odile-sample-0001",
        "https://www.linkedin.com/in/odile-sample-0001/",
        "linkedin.com/in/odile-sample-0001?trk=x",
        "https://fr.linkedin.com/in/zo%C3%A9-sample/details/",
        "https://www.linkedin.com/in/zoé-sample",
    ],
)
def test_a_vanity_name_is_refused_with_the_place_where_the_id_is(text: str) -> None:
    """A vanity name is rejected with the way to resolve it, since only LinkedIn can."""
    with pytest.raises(InvalidField, match=re.escape(VANITY_FORM)) as refusal:
        ProfileUrn.parse(text, field="--to")
    assert str(refusal.value).startswith("--to must be")
    assert "POST /v1/people/resolve {profileUrl}" in str(refusal.value)


@pytest.mark.parametrize("value", [None, 5, True, 1.5, ["ACoAAx"], {"id": PERSON}])
def test_what_is_no_text_names_no_person(value: object) -> None:
    """Any JSON value that is not text is rejected."""
    with pytest.raises(InvalidField, match=r"^recipientProfileUrn must be a string$"):
        ProfileUrn.parse(value)


@pytest.mark.parametrize(
    "value",
    [
        *("", "12 34", "-5", "1" * 20, "١٢٣", "urn:li:group:", "urn:li:fsd_group:x", "urn:li:groupPost:5"),
        *(-5, 10**19, pytest.param(10**5_000, id="huge"), True, False, None, 1.5, ["5"], {"id": 5}),
        "https://evil.example/groups/5",
        "https://linkedin.com.evil.example/groups/5",
        "https://evil.example/?https://linkedin.com/groups/5",
        "https://www.linkedin.com/groups/logistics/",
        "https://www.linkedin.com/groups/5x",
        "https://www.linkedin.com/groups?gid=",
        "https://www.linkedin.com/in/odile?gid=5",
        "https://www.linkedin.com/groups/5/ and more",
    ],
)
def test_other_names_of_groups_are_refused(value: object) -> None:
    """Any other name of a group is rejected with the field and the accepted form."""
    with pytest.raises(InvalidField, match=f"^groupId {re.escape(GROUP_FORM)}$"):
        GroupId.parse(value)


@pytest.mark.parametrize(
    "value", ["12345678", 12345678, "urn:li:fsd_group:12345678", None, "https://x.example/groups/5"]
)
def test_an_address_is_wanted_where_an_address_is_asked_for(value: object) -> None:
    """An id or a URN in the place of a URL is rejected with an example of one."""
    with pytest.raises(InvalidField, match=r"^groupUrl must be the URL of a group: https://www.linkedin.com/groups/"):
        GroupId.parse_url(value)


@pytest.mark.parametrize("parse", [ProfileUrn.parse, GroupId.parse, GroupId.parse_url])
@given(text=st.text() | st.text(st.sampled_from("linkedin.com/groups?gid=5:ur ACoA")))
def test_any_text_parses_or_is_refused(parse: Callable[[object], str], text: str) -> None:
    """Any text is parsed to the safe alphabet or rejected with the one error."""
    with pytest.raises(InvalidField) as of_nothing:
        parse("?")
    try:
        parsed = parse(text)
    except InvalidField as refusal:
        assert len(text) < 8 or text not in str(refusal) or text in str(of_nothing.value)  # noqa: PT017 (no value is quoted)
    else:
        assert re.fullmatch(r"[0-9]{1,19}|urn:li:fsd_profile:[A-Za-z0-9_-]{1,64}", parsed)


def test_a_conversation_names_the_owner_of_its_mailbox() -> None:
    """The owner's profile URN is read out of the URN, blanks around it left out."""
    urn = ConversationUrn.parse(" urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAb_-9,2-NWE+/_-xZQ==)\n")
    assert urn == "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAb_-9,2-NWE+/_-xZQ==)"
    assert urn.owner_urn == "urn:li:fsd_profile:ACoAAb_-9"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2-NWExZQ==",
        "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAb,2-)",
        "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAb,3-NWExZQ==)",
        "urn:li:msg_conversation:(urn:li:member:7,2-NWExZQ==)",
        "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAb,2-NW),ExZQ==)",
        "urn:li:salesNav_thread:2-NWExZQ==",
    ],
)
def test_no_other_text_is_a_conversation(text: str) -> None:
    """The error names the field and the form."""
    with pytest.raises(InvalidField, match=f"^{re.escape(f'conversationUrn {CONVERSATION_FORM}')}$"):
        ConversationUrn.parse(text)
