"""The table of the API's operations: what the reference says of each, and an example of every answer.

Examples are made by the code that makes the answers, so they cannot tell anything else than the server does.
"""

from collections.abc import Sequence

from confrere.api.operations.accounts import LIST_ACCOUNTS, READ_QUOTAS, READ_RECENT_STATUS, READ_STATUS
from confrere.api.operations.groups import (
    FIND_CONVERSATION,
    LIST_GROUP_MEMBERS,
    LIST_GROUP_MEMBERS_BY_URL,
    LIST_GROUP_MEMBERS_OLDER,
    LIST_GROUPS,
)
from confrere.api.operations.ledger import LIST_SENDS, READ_SEND
from confrere.api.operations.messaging import (
    SEND_GROUP,
    SEND_GROUP_WITH_ACK,
    SEND_GROUP_WITH_TYPING,
)
from confrere.api.operations.server import READ_HEALTH, READ_METRICS, READ_OPENAPI, READ_READINESS
from confrere.api.operations.shared_examples import (
    ACCOUNT_ID,
    ACCOUNTS,
    GROUPS,
    LEDGER,
    MANAGEMENT,
    MESSAGING,
    REQUEST_ID,
    SEND_ID,
    SERVER,
    Example,
    Node,
    Operation,
    Parameter,
)

OPERATIONS: Sequence[Operation] = (
    SEND_GROUP,
    SEND_GROUP_WITH_TYPING,
    SEND_GROUP_WITH_ACK,
    FIND_CONVERSATION,
    LIST_GROUP_MEMBERS,
    LIST_GROUP_MEMBERS_BY_URL,
    LIST_GROUP_MEMBERS_OLDER,
    LIST_GROUPS,
    LIST_SENDS,
    READ_SEND,
    LIST_ACCOUNTS,
    READ_RECENT_STATUS,
    READ_STATUS,
    READ_QUOTAS,
    READ_OPENAPI,
    READ_HEALTH,
    READ_READINESS,
    READ_METRICS,
)
"""In the order in which the reference shows them. Every route of the application is here, by test."""

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_ID",
    "GROUPS",
    "LEDGER",
    "MANAGEMENT",
    "MESSAGING",
    "OPERATIONS",
    "REQUEST_ID",
    "SEND_ID",
    "SERVER",
    "Example",
    "Node",
    "Operation",
    "Parameter",
]
