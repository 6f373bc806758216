"""The operations of the management API."""

from collections.abc import Sequence

from confrere.api.reference.operation import Operation
from confrere.api.reference.v1 import accounts, do_not_contact, keys, pacing, people, sends

OPERATIONS: Sequence[Operation] = (
    *accounts.OPERATIONS,
    *pacing.OPERATIONS,
    *keys.OPERATIONS,
    *do_not_contact.OPERATIONS,
    *people.OPERATIONS,
    *sends.OPERATIONS,
)
"""In the order in which the reference shows them."""
