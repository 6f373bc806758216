"""The parts of bodies that both APIs use.

Field names on the wire are camel case; `rename` converts them, so that the code keeps its own spelling.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from confrere.domain.account import AccountStatus
from confrere.domain.limits import GROUP_FIRST_CONTACTS_PUBLISHED, WINDOW_OF, Action, Quota, Window, iso_z
from confrere.domain.outcome import OutcomeName


def one_of(*values: str) -> Meta:
    """Return the schema of a text from a fixed set."""
    return Meta(extra_json_schema={"enum": list(values)})


Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
AccountId = Annotated[str, Meta(pattern="^[0-9a-f]{24}$")]
Status = Annotated[str, one_of(*AccountStatus)]
LedgerOutcome = Annotated[str, one_of(*OutcomeName)]


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An answer's JSON object; its fields stand in the order in which they are written."""


class QuotaItem(Body, frozen=True, kw_only=True):
    """One action's quota. limit null: none is configured. linkedin_limit: what LinkedIn published, if anything."""

    feature: Annotated[str, one_of(*Action)]
    window: Annotated[str, one_of(*Window)]
    used: int
    limit: int | None
    linkedin_limit: int | None
    remaining: int | None
    limit_reached: bool
    limit_reached_at: Moment | None
    reset_at: Moment


def quota_item(quota: Quota) -> QuotaItem:
    """Convert the state of one quota."""
    reached = quota.remaining == 0
    return QuotaItem(
        feature=quota.action,
        window=WINDOW_OF[quota.action],
        used=quota.used,
        limit=quota.limit,
        linkedin_limit=GROUP_FIRST_CONTACTS_PUBLISHED if quota.action is Action.GROUP_FIRST_CONTACT else None,
        remaining=quota.remaining,
        limit_reached=reached,
        limit_reached_at=iso_z(quota.reached_at) if reached and quota.reached_at else None,
        reset_at=iso_z(quota.resets_at),
    )
