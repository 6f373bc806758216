"""LinkedIn's JSON about a person.

Source: LinkedIn's web client, attested: `elements` of one profile with `entityUrn`, `publicIdentifier`, `firstName`,
`lastName`, `headline`. That an unknown name is answered with an empty list or a 404 is assumed.
"""

from confrere.domain.attempt import Unreadable
from confrere.domain.errors import InvalidField
from confrere.domain.person import Person, VanityName
from confrere.domain.urns import ProfileUrn
from confrere.linkedin.wire.decoding import NOT_UNDERSTOOD
from confrere.linkedin.wire.nodes import Node, read_collection


def decode_person(body: bytes, who: ProfileUrn | VanityName) -> Person | Unreadable | None:
    """Decode the answer to a read of `who`; None where it holds no person.

    A profile that was read by its id must have it: a message to the wrong person is worse than none. A former vanity
    name leads to a profile with another name, so a single one is accepted there.
    """
    collection = read_collection(body, None)
    if isinstance(collection, Unreadable):
        return collection
    elements = collection.children("elements") or []
    people = [person for element in elements if element and (person := _person(element))]
    if not elements:
        return None
    if isinstance(who, ProfileUrn):
        return next((person for person in people if person.profile_urn == who), NOT_UNDERSTOOD)
    named = [person for person in people if (person.public_id or "").casefold() == who.casefold()]
    return (named or people)[0] if named or len(people) == len(elements) == 1 else NOT_UNDERSTOOD


def _person(profile: Node) -> Person | None:
    try:
        profile_urn = ProfileUrn.parse(profile.text("entityUrn") or "")
    except InvalidField:
        return None
    return Person(
        profile_urn=profile_urn,
        public_id=profile.text("publicIdentifier"),
        first_name=profile.text("firstName"),
        last_name=profile.text("lastName"),
        headline=profile.text("headline"),
    )
