"""The operation that finds out who stands behind a profile's address."""

from datetime import timedelta

from confrere.api.reference import schemas
from confrere.api.reference.operation import Example, Operation
from confrere.api.reference.schemas import text
from confrere.api.reference.shared_examples import ACCOUNT_ID, NOW, QUOTA, RECIPIENT, REQUEST_NAME, account_in_body
from confrere.api.v1.errors import problem_for_read
from confrere.api.v1.people import UNKNOWN, person_body
from confrere.domain import errors
from confrere.domain.attempt import Unreadable
from confrere.domain.outcome import Refused
from confrere.domain.person import PERSON_FORM, Person
from confrere.domain.urns import ProfileUrn
from confrere.sending import Reading

_PROFILE_URL = "https://www.linkedin.com/in/bastien-exemple/"
_PERSON = Person(
    profile_urn=ProfileUrn(RECIPIENT),
    public_id="bastien-exemple",
    first_name="Bastien",
    last_name="Exemple",
    headline="Head of Procurement at Example Co",
)
_REQUEST = schemas.request(
    "ResolvePersonRequest",
    "The person, and the account that asks.",
    {
        "profileUrl": text(
            "The address of the profile as it stands in the browser, or the name in it. "
            "`urn:li:fsd_profile:<id>` and a bare `ACoAA…` id are taken too.",
            min_length=1,
            example=_PROFILE_URL,
        ),
        "accountId": account_in_body("The account that asks; absent for the default one."),
    },
    "profileUrl",
)


def _unread(name: str, summary: str, said: Refused | Unreadable) -> Example:
    return Example(name, summary, problem_for_read(Reading(ACCOUNT_ID, said, QUOTA), REQUEST_NAME, NOW))


OPERATIONS = (
    Operation(
        "POST",
        "/v1/people/resolve",
        "resolvePerson",
        "Find the URN of a person by their profile's address",
        "Asks LinkedIn, once, who stands behind the address of a profile, so that a message can be sent to them. It "
        "spends nothing here; whether LinkedIn counts it as a visit to the profile is not known.",
        [
            Example("person", "The person", person_body(ACCOUNT_ID, _PERSON)),
            Example("profileUrl", "The address is of another form", errors.InvalidField("profileUrl", PERSON_FORM)),
            Example("unknownPerson", "LinkedIn knows nobody of this name", errors.NotFound(UNKNOWN)),
            _unread(
                "linkedinRefuses",
                "LinkedIn does not show this person to the account",
                Refused(403, "Forbidden", None, "This profile can't be accessed"),
            ),
            Example(
                "sessionRefused",
                "The account has no session that LinkedIn takes: connect it again",
                errors.NoSession(ACCOUNT_ID, QUOTA),
            ),
            Example(
                "linkedinThrottles",
                "LinkedIn throttles the account; it rests until then",
                errors.AccountHeld(QUOTA, NOW + timedelta(hours=1)),
            ),
            _unread(
                "linkedinUnreadable",
                "LinkedIn did not answer, or not so that it could be understood",
                Unreadable("LinkedIn did not answer in time"),
            ),
        ],
        request=_REQUEST,
        body={"profileUrl": _PROFILE_URL},
    ),
)
