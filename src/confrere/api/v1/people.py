"""The endpoint that resolves a profile's address to a person."""

from confrere.api.request import ApiRequest
from confrere.api.v1.bodies import ResolvedPerson
from confrere.api.v1.errors import problem_for_read
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.keys import Caller
from confrere.domain.person import PERSON_FORM, Person, parse_person
from confrere.http.answer import Answer
from confrere.http.body_fields import is_blank
from confrere.services import Services

UNKNOWN = "LinkedIn knows no person of this name or id"


async def resolve_person(caller: Caller, request: ApiRequest, services: Services) -> Answer:
    """`POST /people/resolve`: ask LinkedIn once who the person at this address is."""
    fields = await request.json_object()
    given = fields.get("profileUrl")
    if is_blank(given) or not isinstance(given, str):
        raise InvalidField("profileUrl", PERSON_FORM)
    who = parse_person(given, field="profileUrl")
    reading = await services.directory.resolve_person(
        caller.workspace_id, request.parse_account(fields.get("accountId")), who
    )
    request.account_id = reading.account_id
    match reading.result:
        case Person() as person:
            return Answer(200, person_body(reading.account_id, person))
        case None:
            raise NotFound(UNKNOWN)
        case _:
            return problem_for_read(reading, request.request_id, services.clock())


def person_body(account_id: str, person: Person) -> ResolvedPerson:
    """Convert a person, as LinkedIn shows them to this account."""
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
