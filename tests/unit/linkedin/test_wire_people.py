import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.attempt import Unreadable
from confrere.domain.person import Person, VanityName
from confrere.domain.urns import ProfileUrn
from confrere.linkedin.wire.people import decode_person

URN = "urn:li:fsd_profile:ACoAADWk6QIB2xjTFB3PTfYceNpmH0Y-5Ppwn0E"
ODILE = {
    "entityUrn": URN,
    "publicIdentifier": "odile-sample-0002",
    "firstName": "Odile",
    "lastName": "Sample",
    "headline": "Invented headline",
}
PERSON = Person(ProfileUrn(URN), "odile-sample-0002", "Odile", "Sample", "Invented headline")
OTHER = {"entityUrn": "urn:li:fsd_profile:ACoAAOther", "publicIdentifier": "other-0001"}
NAME = VanityName("odile-sample-0002")
NOT_UNDERSTOOD = Unreadable("LinkedIn's answer could not be understood")


def plain(*elements: Any) -> bytes:
    """Build the answer with these profiles."""
    return json.dumps({"elements": elements, "paging": {"start": 0, "count": 10}}).encode()


def normalized(*profiles: dict[str, Any]) -> bytes:
    """Build the same in the normalized form."""
    listed = {"$type": "…CollectionResponse", "*elements": [profile["entityUrn"] for profile in profiles]}
    return json.dumps({"data": listed, "included": [{"$type": "…Profile", **each} for each in profiles]}).encode()


@pytest.mark.parametrize("body", [plain(ODILE), normalized(ODILE), normalized(OTHER, ODILE), plain(OTHER, ODILE)])
@pytest.mark.parametrize("who", [NAME, VanityName("Odile-Sample-0002"), ProfileUrn(URN)])
def test_a_person_is_read(body: bytes, who: ProfileUrn | VanityName) -> None:
    """The person is the profile with the requested identifier, plain or normalized."""
    assert decode_person(body, who) == PERSON


def test_a_former_vanity_name_leads_to_the_person() -> None:
    """One profile with another vanity name is the person, who had the requested name before."""
    assert decode_person(normalized(ODILE), VanityName("odile-before")) == PERSON


def test_an_empty_list_is_an_unknown_person() -> None:
    """An empty list means that the person is unknown."""
    assert decode_person(plain(), NAME) is None
    assert decode_person(normalized(), ProfileUrn(URN)) is None


@pytest.mark.parametrize(
    ("body", "who"),
    [
        (plain(ODILE, OTHER), VanityName("odile-before")),
        (plain(OTHER), ProfileUrn(URN)),
        (plain(None), NAME),
        (plain({**ODILE, "entityUrn": "urn:li:member:1"}), NAME),
        (plain({**ODILE, "entityUrn": None}), NAME),
        (json.dumps({"data": {"*elements": [URN]}, "included": []}).encode(), NAME),
        (b"{}", NAME),
        (b"[]", NAME),
        (b"{", NAME),
    ],
)
def test_an_ambiguous_profile_is_an_unknown_person(body: bytes, who: ProfileUrn | VanityName) -> None:
    """An ambiguous answer means an unknown person, since a message to the wrong person is worse than none."""
    assert decode_person(body, who) == NOT_UNDERSTOOD


def test_an_error_behind_a_200_is_reported() -> None:
    """A GraphQL error in a 200 is reported, and not taken for an empty list."""
    assert decode_person(b'{"errors": [{}], "elements": []}', NAME) == Unreadable(
        "LinkedIn answered the query with an error"
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(URN),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "elements", "*elements", "included", "entityUrn", "publicIdentifier", "errors"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_answer_is_read_or_not_understood(value: Any) -> None:
    """Any answer is read or unreadable, and never raises."""
    found = decode_person(json.dumps(value).encode(), NAME)
    assert found is None or isinstance(found, Person | Unreadable)
