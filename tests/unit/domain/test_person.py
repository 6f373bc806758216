import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.errors import InvalidField
from confrere.domain.person import Person, VanityName, parse_person
from confrere.domain.urns import ProfileUrn

ID = "ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"
URN = f"urn:li:fsd_profile:{ID}"


@pytest.mark.parametrize(
    "text",
    [
        "odile-sample",
        " odile-sample\n",
        "https://www.linkedin.com/in/odile-sample/",
        "https://www.linkedin.com/in/odile-sample",
        "HTTPS://WWW.LinkedIn.com/in/odile-sample?miniProfileUrn=urn%3Ali%3A1",
        "http://fr.linkedin.com/in/odile-sample/details/experience/",
        "m.linkedin.com/in/odile-sample#top",
        "touch.linkedin.com/in/odile-sample",
        "linkedin.com/in/odile-sample/en",
    ],
)
def test_a_person_is_named_by_the_address_of_their_profile(text: str) -> None:
    """Every form of a profile's address that browsers and apps copy identifies the same person."""
    assert parse_person(text, field="profileUrl") == VanityName("odile-sample")
    assert isinstance(parse_person(text, field="profileUrl"), VanityName)


@pytest.mark.parametrize(
    "text", [URN, ID, f" {ID} ", f"https://www.linkedin.com/in/{ID}/", f"linkedin.com/in/{ID}?a=b"]
)
def test_an_id_is_a_urn_wherever_it_stands(text: str) -> None:
    """An id in a profile's address, as in LinkedIn's own links, is read as a URN."""
    assert parse_person(text, field="profileUrl") == ProfileUrn(URN)
    assert isinstance(parse_person(text, field="profileUrl"), ProfileUrn)


@pytest.mark.parametrize(
    ("text", "name"), [("jos%C3%A9-x", "josé-x"), ("मोहन-१", "मोहन-१"), ("李明-4711", "李明-4711")]
)
def test_names_are_of_any_script(text: str, name: str) -> None:
    """Names in any script, percent-encoded in an address, are accepted."""
    assert parse_person(text, field="x") == parse_person(f"https://www.linkedin.com/in/{text}", field="x") == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "Odile Sample",
        "urn:li:member:1",
        "https://www.linkedin.com/company/example/",
        "https://www.linkedin.com/in/",
        "https://www.linkedin.com.example.org/in/odile/",
        "https://example.org/in/odile",
        "https://www.linkedin.com/in/%FF",
        "a/b",
        "a%2Fb",
        "x" * 101,
        "a\0b",
        "odile@example.org",
        "ACoAA" + "x" * 100,
    ],
)
def test_what_identifies_no_person_is_refused(text: str) -> None:
    """A value that identifies no person is rejected with the field and the forms, and without the value."""
    with pytest.raises(InvalidField) as refused:
        parse_person(text, field="profileUrl")
    assert str(refused.value) == (
        "profileUrl must be the address of a profile (https://www.linkedin.com/in/<name>), the name in it, "
        "urn:li:fsd_profile:<id> or a bare ACoAA… profile id"
    )


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Any text gives a person or the one error, and a name that was read is read again as itself."""
    try:
        who = parse_person(text, field="x")
    except InvalidField:
        return
    assert parse_person(who, field="x") == who


def test_a_person_is_shown_as_far_as_linkedin_shows_them() -> None:
    """A hidden name gives no full name, and a missing vanity name no address."""
    assert (Person(ProfileUrn(URN)).full_name, Person(ProfileUrn(URN)).profile_url) == (None, None)
    odile = Person(ProfileUrn(URN), "odile-sample", "Odile", "Sample")
    assert (odile.full_name, odile.profile_url) == ("Odile Sample", "https://www.linkedin.com/in/odile-sample/")
