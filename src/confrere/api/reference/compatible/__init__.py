"""The operations of the compatible API, and of the server itself."""

from collections.abc import Mapping, Sequence

from confrere.api.reference.compatible import accounts, groups, ledger, messaging, server
from confrere.api.reference.operation import Operation

OPERATIONS: Mapping[str, Sequence[Operation]] = {
    "Messaging": messaging.OPERATIONS,
    "Groups": groups.OPERATIONS,
    "Sends": ledger.OPERATIONS,
    "Accounts": accounts.OPERATIONS,
    "Server": server.OPERATIONS,
}
"""By tag, in the order in which the reference shows them."""
