"""The operation that finds out who stands behind a profile's address."""

from datetime import timedelta

from confrere.api.code_samples import Call
from confrere.api.operations.shared_examples import (
    ACCOUNT_ID,
    ACCOUNT_PATTERN,
    NOW,
    QUOTA,
    RECIPIENT,
    Example,
    Node,
    Operation,
)
from confrere.api.v1.errors import problem_for_read
from confrere.api.v1.operations.shared_examples import REQUEST_NAME, managed, refused
from confrere.api.v1.people import UNKNOWN, person_body
from confrere.domain import errors
from confrere.domain.attempt import Unreadable
from confrere.domain.outcome import Refused
from confrere.domain.person import PERSON_FORM, Person
from confrere.domain.urns import ProfileUrn
from confrere.http.answer import Answer
from confrere.sending import Reading

PROFILE_URL = "https://www.linkedin.com/in/bastien-exemple/"

_BASTIEN = Person(
    profile_urn=ProfileUrn(RECIPIENT),
    public_id="bastien-exemple",
    first_name="Bastien",
    last_name="Exemple",
    headline="Head of Procurement at Example Co",
)
_REQUEST: Node = {
    "title": "ResolvePersonRequest",
    "description": "The person, and the account that asks.",
    "type": "object",
    "properties": {
        "profileUrl": {
            "type": "string",
            "minLength": 1,
            "description": "The address of the profile as it stands in the browser, or the name in it. "
            "`urn:li:fsd_profile:<id>` and a bare `ACoAA…` id are taken too.",
            "examples": [PROFILE_URL],
        },
        "accountId": {
            "type": ["string", "null"],
            "pattern": ACCOUNT_PATTERN,
            "description": "The account that asks; absent for the default one.",
        },
    },
    "required": ["profileUrl"],
}


def _unread(name: str, summary: str, said: Refused | Unreadable) -> Example:
    return Example(name, summary, problem_for_read(Reading(ACCOUNT_ID, said, QUOTA), REQUEST_NAME, NOW))


_RESOLVE = managed(
    "POST",
    "/people/resolve",
    "resolvePerson",
    "Find the URN of a person by their profile's address",
    "Asks LinkedIn, once, who stands behind the address of a profile, so that a message can be sent to them. It spends "
    "nothing here; whether LinkedIn counts it as a visit to the profile is not known.",
    Example("person", "The person", Answer(200, person_body(ACCOUNT_ID, _BASTIEN))),
    refused("profileUrl", "The address is of another form", errors.InvalidField("profileUrl", PERSON_FORM)),
    refused("unknownPerson", "LinkedIn knows nobody of this name", errors.NotFound(UNKNOWN)),
    _unread(
        "linkedinRefuses",
        "LinkedIn does not show this person to the account",
        Refused(403, "Forbidden", None, "This profile can't be accessed"),
    ),
    refused(
        "sessionRefused",
        "The account has no session that LinkedIn takes: connect it again",
        errors.NoSession(ACCOUNT_ID, QUOTA),
    ),
    refused(
        "linkedinThrottles",
        "LinkedIn throttles the account; it rests until then",
        errors.AccountHeld(QUOTA, NOW + timedelta(hours=1)),
    ),
    _unread(
        "linkedinUnreadable",
        "LinkedIn did not answer, or not so that it could be understood",
        Unreadable("LinkedIn did not answer in time"),
    ),
    call=Call("POST", "/v1/people/resolve", {"profileUrl": PROFILE_URL}),
    request=_REQUEST,
)

OPERATIONS: tuple[Operation, ...] = (_RESOLVE,)
