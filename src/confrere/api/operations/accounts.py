"""The operations about accounts and their quotas."""

from confrere.api.code_samples import Call
from confrere.api.compatible import bodies
from confrere.api.operations.shared_examples import (
    ACCOUNT_ID,
    ACCOUNT_IN_PATH,
    ACCOUNT_PATTERN,
    ACCOUNTS,
    NO_SUCH_ACCOUNT,
    UNKNOWN_ACCOUNT,
    Example,
    Operation,
    Parameter,
    read_examples,
    without_account,
)
from confrere.api.shared_bodies import QuotaItem
from confrere.domain.account import AccountStatus
from confrere.domain.keys import Scope
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, Action
from confrere.http.answer import Answer

LIST_ACCOUNTS = Operation(
    method="GET",
    path="/linkedin/accounts",
    operation_id="listAccounts",
    tag=ACCOUNTS,
    summary="List accounts",
    description="The workspace's LinkedIn accounts, the default one first. LinkedIn is not asked.",
    needs=Scope.READ,
    call=Call("GET", "/linkedin/accounts"),
    parameters=(
        Parameter(
            "q",
            "query",
            "Only accounts whose name or public id contains this, or whose id or profile URL it is.",
            {"type": "string"},
            "anna",
        ),
    ),
    examples=read_examples(
        Example(
            "accounts",
            "The accounts",
            Answer(
                200,
                [
                    bodies.AccountItem(
                        id=ACCOUNT_ID,
                        first_name="Anna",
                        last_name="Lindqvist",
                        public_id="anna-lindqvist",
                        picture=None,
                        status=AccountStatus.AVAILABLE,
                        enabled=True,
                        api_seat_allocated=True,
                    )
                ],
            ),
        ),
    ),
)

_STATUS = Example(
    "status",
    "The account",
    Answer(
        200,
        bodies.AccountStatusBody(
            id=ACCOUNT_ID,
            first_name="Anna",
            last_name="Lindqvist",
            public_id="anna-lindqvist",
            status=AccountStatus.AVAILABLE,
            enabled=True,
            last_used="2026-03-14T09:00:42.310Z",
            has_tokens=True,
            linkedin_plan=bodies.LinkedInPlan(is_premium=False),
        ),
    ),
)

READ_RECENT_STATUS = Operation(
    method="GET",
    path="/linkedin/account/status",
    operation_id="readRecentAccountStatus",
    tag=ACCOUNTS,
    summary="Read an account's status",
    description="One account; without an id the most recently used one. `ERROR` means that LinkedIn no longer takes "
    "its session and a person must connect it again.",
    needs=Scope.READ,
    call=Call("GET", "/linkedin/account/status"),
    parameters=(
        Parameter(
            "accountId",
            "query",
            "The account's id; absent for the most recently used one.",
            {"type": "string", "pattern": ACCOUNT_PATTERN},
        ),
    ),
    examples=read_examples(
        _STATUS,
        NO_SUCH_ACCOUNT,
        without_account(
            "noAccount",
            "No account is connected yet",
            "No account is connected in this workspace",
        ),
    ),
)

READ_STATUS = Operation(
    method="GET",
    path="/linkedin/account/{accountId}/status",
    operation_id="readAccountStatus",
    tag=ACCOUNTS,
    summary="Read an account's status by its id",
    description="The same with the id in the path.",
    needs=Scope.READ,
    call=Call("GET", f"/linkedin/account/{ACCOUNT_ID}/status"),
    parameters=(ACCOUNT_IN_PATH,),
    examples=read_examples(_STATUS, NO_SUCH_ACCOUNT),
)

READ_QUOTAS = Operation(
    method="GET",
    path="/linkedin/account/{accountId}/quota",
    operation_id="readAccountQuota",
    tag=ACCOUNTS,
    summary="Read an account's quotas",
    description=(
        "How much of each quota is used. LinkedIn is not asked.\n\n"
        f"- `MESSAGE`: messages a day, at most {MESSAGES_PER_DAY_CEILING}. Used are those that LinkedIn accepted, "
        "those in flight, and those whose fate is unknown.\n"
        "- `GROUP_MEMBERS`: members of groups read a day.\n"
        "- `GROUP_FIRST_CONTACT`: people written to for the first time through a group, a month. `linkedinLimit` "
        "is the only allowance for it that LinkedIn ever published, in 2015; `limit` is null unless one is configured."
    ),
    needs=Scope.READ,
    call=Call("GET", f"/linkedin/account/{ACCOUNT_ID}/quota"),
    parameters=(ACCOUNT_IN_PATH,),
    examples=read_examples(
        Example(
            "quotas",
            "The quotas",
            Answer(
                200,
                bodies.QuotaList(
                    account_id=ACCOUNT_ID,
                    quotas=[
                        QuotaItem(
                            feature=Action.MESSAGE,
                            window="daily",
                            used=42,
                            limit=150,
                            linkedin_limit=None,
                            remaining=108,
                            limit_reached=False,
                            limit_reached_at=None,
                            reset_at="2026-03-15T00:00:00Z",
                        ),
                        QuotaItem(
                            feature=Action.GROUP_MEMBERS,
                            window="daily",
                            used=0,
                            limit=1000,
                            linkedin_limit=None,
                            remaining=1000,
                            limit_reached=False,
                            limit_reached_at=None,
                            reset_at="2026-03-15T00:00:00Z",
                        ),
                        QuotaItem(
                            feature=Action.GROUP_FIRST_CONTACT,
                            window="monthly",
                            used=17,
                            limit=None,
                            linkedin_limit=15,
                            remaining=None,
                            limit_reached=False,
                            limit_reached_at=None,
                            reset_at="2026-04-01T00:00:00Z",
                        ),
                    ],
                ),
            ),
        ),
        UNKNOWN_ACCOUNT,
    ),
)
