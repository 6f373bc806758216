"""The endpoint that finds out who stands behind a profile's address."""

from confrere.api.errors import Answer
from confrere.api.fields import is_blank
from confrere.api.request import Request
from confrere.api.v1.problems import problem_for_read
from confrere.api.v1.shapes import ResolvedPerson
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.person import PERSON_FORM, Person, parse_person
from confrere.services import Services

UNKNOWN = "LinkedIn knows no person of this name or id"


async def resolve_person(request: Request, services: Services) -> Answer:
    """`POST /people/resolve`: ask LinkedIn, once, who the person at this address is."""
    assert request.caller is not None
    fields = await request.fields()
    given = fields.get("profileUrl")
    if is_blank(given) or not isinstance(given, str):
        raise InvalidField("profileUrl", PERSON_FORM)
    who = parse_person(given, field="profileUrl")
    reading = await services.directory.resolve_person(
        request.caller.workspace_id, request.account_id_of(fields.get("accountId")), who
    )
    request.account_id = reading.account_id
    match reading.said:
        case Person() as person:
            return Answer(200, person_body(reading.account_id, person))
        case None:
            raise NotFound(UNKNOWN)
        case _:
            return problem_for_read(reading, request.request_id, services.clock())


def person_body(account_id: str, person: Person) -> ResolvedPerson:
    """A person as this account is shown them."""
    return ResolvedPerson(
        account_id=account_id,
        profile_urn=str(person.profile_urn),
        profile_id=person.profile_urn.profile_id,
        name=person.full_name,
        first_name=person.first_name,
        last_name=person.last_name,
        headline=person.headline,
        public_identifier=person.public_id,
        profile_url=person.profile_url,
    )
