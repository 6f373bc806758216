"""The management API's part of the table of operations."""

from collections.abc import Sequence

from confrere.api.operations.shared_examples import Operation
from confrere.api.v1.operations import accounts, do_not_contact, keys, pacing, people, sends

MANAGEMENT_OPERATIONS: Sequence[Operation] = (
    *accounts.OPERATIONS,
    *pacing.OPERATIONS,
    *keys.OPERATIONS,
    *do_not_contact.OPERATIONS,
    *people.OPERATIONS,
    *sends.OPERATIONS,
)
"""In the order in which the reference shows them."""
