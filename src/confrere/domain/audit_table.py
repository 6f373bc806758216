"""The audit log as a table."""

from collections.abc import Iterable
from typing import Final

from confrere.domain.audit import AuditEntry
from confrere.domain.csv_table import write_rows
from confrere.domain.limits import iso_z

COLUMNS: Final = (
    "number",
    "at",
    "action",
    "actorKind",
    "actorId",
    "address",
    "requestId",
    "subject",
    "detail",
)


def write_entries(entries: Iterable[AuditEntry]) -> bytes:
    """Encode rows of the table as CSV."""
    return write_rows(
        (
            str(one.number),
            iso_z(one.at),
            str(one.action),
            str(one.actor.kind),
            one.actor.id,
            one.actor.address,
            one.actor.request_id,
            one.subject,
            one.detail,
        )
        for one in entries
    )
