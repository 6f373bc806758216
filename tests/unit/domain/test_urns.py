import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.errors import InvalidField
from confrere.domain.urns import GroupId, ProfileUrn

PERSON = "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"


@pytest.mark.parametrize("text", [PERSON, f"urn:li:fsd_profile:{PERSON}"])
def test_profile_in_both_documented_forms(text: str) -> None:
    """A bare id and a URN name the same person."""
    assert ProfileUrn.parse(text) == f"urn:li:fsd_profile:{PERSON}"
    assert ProfileUrn.parse(text).profile_id == PERSON


@pytest.mark.parametrize(
    "text",
    [
        "odile-sample-0001",
        "https://www.linkedin.com/in/odile-sample-0001/",
        "urn:li:member:900000001",
        "urn:li:fsd_profile:",
        "urn:li:fsd_profile:" + "a" * 65,
        "urn:li:fsd_profile:a b",
        f"urn:li:fsd_profile:{PERSON}\n",
        f" {PERSON}",
        "ACoAA" + "x" * 60,
    ],
)
def test_other_names_of_people_are_refused_with_the_wanted_form(text: str) -> None:
    """A vanity name, a page, a member number or a torn URN is never sent to LinkedIn."""
    with pytest.raises(InvalidField, match="recipientProfileUrn must be of the form urn:li:fsd_profile:<id>"):
        ProfileUrn.parse(text)


@pytest.mark.parametrize(
    "value",
    [
        "12345678",
        12345678,
        "urn:li:fsd_group:12345678",
        "https://www.linkedin.com/groups/12345678/",
        "https://www.linkedin.com/groups/12345678",
        "https://linkedin.com/groups/12345678/members/?x=1#top",
    ],
)
def test_group_in_every_documented_form(value: str | int) -> None:
    """Digits, an integer, a URN and a page name the same group."""
    assert GroupId.parse(value) == "12345678"
    assert GroupId.parse(value).urn == "urn:li:fsd_group:12345678"


@pytest.mark.parametrize(
    "value",
    ["", "12 34", "-5", -5, True, "1" * 20, 10**19, "١٢٣", "urn:li:group:5", "https://evil.example/groups/5", "12\n"],
)
def test_other_names_of_groups_are_refused(value: str | int) -> None:
    """Anything else names the field and the wanted form."""
    with pytest.raises(InvalidField, match="groupId must be 1 to 19 digits"):
        GroupId.parse(value)


@given(st.text())
def test_any_text_parses_or_is_refused(text: str) -> None:
    """No text makes parsing fail in any other way, and what is accepted has the safe alphabet."""
    for parse in (ProfileUrn.parse, GroupId.parse):
        try:
            parsed = parse(text)
        except InvalidField:
            continue
        assert parsed.isascii()
        assert parsed.replace(":", "").replace("_", "").replace("-", "").isalnum()
