"""What the operations that read LinkedIn have in common."""

from confrere.api.compatible.errors import answer_for_failed_read, held_answer
from confrere.api.reference import schemas
from confrere.api.reference.operation import Example, Parameter
from confrere.api.reference.shared_examples import ACCOUNT_ID, NOW
from confrere.domain import errors
from confrere.domain.attempt import Unreadable
from confrere.domain.limits import Quota
from confrere.domain.outcome import Refused
from confrere.sending import Reading

ACCOUNT_IN_QUERY = Parameter(
    "accountId", "query", "The account to read with; absent for the default one.", schemas.ACCOUNT
)


def reads_of_linkedin(prefix: str, quota: Quota) -> list[Example]:
    """The answers where LinkedIn refuses, throttles or is not understood. prefix: of the error texts."""

    def unread(name: str, summary: str, said: Refused | Unreadable) -> Example:
        return Example(name, summary, answer_for_failed_read(Reading(ACCOUNT_ID, said, quota), prefix, NOW))

    old = "Request failed with status code 400: the query id voyagerExample.0123456789abcdef0123456789abcdef looks old"
    return [
        unread(
            "refused",
            "LinkedIn refuses the account this read",
            Refused(403, "Forbidden", None, "You don't have access to this"),
        ),
        Example(
            "held",
            "LinkedIn throttles the account; it rests until `holdUntil`",
            held_answer(NOW.replace(hour=10), quota, NOW),
        ),
        Example(
            "noCredentials",
            "The account has no session that LinkedIn takes; connect it again",
            errors.NoSession(ACCOUNT_ID, quota),
        ),
        unread(
            "notRead", "LinkedIn could not be read, or not understood", Unreadable("LinkedIn did not answer in time")
        ),
        unread(
            "oldQueryId",
            "LinkedIn's web client has moved on; the text says which id to renew, and where",
            Unreadable(f"{old}; put a newer one into the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names"),
        ),
    ]
