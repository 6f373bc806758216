"""The operations about accounts and their quotas."""

from confrere.api.compatible import bodies
from confrere.api.reference import schemas
from confrere.api.reference.operation import Example, Operation, Parameter
from confrere.api.reference.schemas import text
from confrere.api.reference.shared_examples import ACCOUNT_ID, ANNA, QUOTAS, UNKNOWN_ACCOUNT, account_in_path
from confrere.api.shared_bodies import quota_item
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, iso_z
from confrere.http.answer import Answer

_IN_PATH = account_in_path("GET /linkedin/accounts")
_ITEM = bodies.AccountItem(
    id=ANNA.id,
    first_name=ANNA.first_name,
    last_name=ANNA.last_name,
    public_id=ANNA.public_id,
    picture=ANNA.picture,
    status=ANNA.status,
    enabled=ANNA.enabled,
    api_seat_allocated=True,
)
_STATUS = bodies.AccountStatusBody(
    id=ANNA.id,
    first_name=ANNA.first_name,
    last_name=ANNA.last_name,
    public_id=ANNA.public_id,
    status=ANNA.status,
    enabled=ANNA.enabled,
    last_used=iso_z(ANNA.last_used_at) if ANNA.last_used_at else None,
    has_tokens=True,
    linkedin_plan=bodies.LinkedInPlan(is_premium=False),
)


def _not_found(name: str, summary: str, error: str) -> Example:
    return Example(name, summary, Answer(404, bodies.Unknown(error=error)))


_NO_SUCH_ACCOUNT = _not_found(UNKNOWN_ACCOUNT.name, UNKNOWN_ACCOUNT.summary, str(UNKNOWN_ACCOUNT.shown))

OPERATIONS = (
    Operation(
        "GET",
        "/linkedin/accounts",
        "listAccounts",
        "List accounts",
        "The workspace's LinkedIn accounts, the default one first. LinkedIn is not asked.",
        [Example("accounts", "The accounts", [_ITEM])],
        parameters=(
            Parameter(
                "q",
                "query",
                "Only accounts whose name or public id contains this, or whose id or profile URL it is.",
                text(),
                "anna",
            ),
        ),
    ),
    Operation(
        "GET",
        "/linkedin/account/status",
        "readRecentAccountStatus",
        "Read an account's status",
        "One account; without an id the most recently used one. `ERROR` means that LinkedIn no longer takes its "
        "session and a person must connect it again.",
        [
            Example("status", "The account", _STATUS),
            _NO_SUCH_ACCOUNT,
            _not_found("noAccount", "No account is connected yet", "No account is connected in this workspace"),
        ],
        parameters=(
            Parameter(
                "accountId", "query", "The account's id; absent for the most recently used one.", schemas.ACCOUNT
            ),
        ),
    ),
    Operation(
        "GET",
        "/linkedin/account/{accountId}/status",
        "readAccountStatus",
        "Read an account's status by its id",
        "The same with the id in the path.",
        [Example("status", "The account", _STATUS), _NO_SUCH_ACCOUNT],
        parameters=(_IN_PATH,),
    ),
    Operation(
        "GET",
        "/linkedin/account/{accountId}/quota",
        "readAccountQuota",
        "Read an account's quotas",
        "How much of each quota is used. LinkedIn is not asked.\n\n"
        f"- `MESSAGE`: messages a day, at most {MESSAGES_PER_DAY_CEILING}. Used are those that LinkedIn accepted, "
        "those in flight, and those whose fate is unknown.\n"
        "- `GROUP_MEMBERS`: members of groups read a day.\n"
        "- `GROUP_FIRST_CONTACT`: people written to for the first time through a group, a month. `linkedinLimit` "
        "is the only allowance for it that LinkedIn ever published, in 2015; `limit` is null unless one is configured.",
        [
            Example(
                "quotas",
                "The quotas",
                bodies.QuotaList(account_id=ACCOUNT_ID, quotas=[quota_item(quota) for quota in QUOTAS]),
            ),
            UNKNOWN_ACCOUNT,
        ],
        parameters=(_IN_PATH,),
    ),
)
