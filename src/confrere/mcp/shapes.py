"""Types that the arguments and results of several tools share."""

from typing import Annotated, Final, Literal

from msgspec import Meta

from confrere.domain.limits import GROUP_FIRST_CONTACTS_PUBLISHED, WINDOW_OF, Action, Quota, iso_z, optional_iso_z
from confrere.mcp.tool import Result

AccountId = Annotated[
    Annotated[str, Meta(extra_json_schema={"pattern": "^([0-9a-fA-F]{24})?$"})] | None,
    Meta(
        description="Which of the connected accounts, by its accountId of 24 hex digits. Leave it out for the "
        "default account.",
    ),
]
GroupRef = Annotated[
    str,
    Meta(
        extra_json_schema={"minLength": 1},
        description="The group, as digits such as 12345678; urn:li:fsd_group:12345678 and the group's URL are taken "
        "too.",
    ),
]
PersonRef = Annotated[
    str,
    Meta(
        extra_json_schema={"minLength": 1},
        description="The person's profileUrn as get-group-members gives it, urn:li:fsd_profile:<id>, or the bare "
        "ACoAA… id. The name in a profile's address is not taken.",
    ),
]
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


class Budget(Result, frozen=True, kw_only=True):
    """The state of one action's quota."""

    action: Literal["MESSAGE", "GROUP_MEMBERS", "GROUP_FIRST_CONTACT"]
    window: Literal["daily", "monthly"]
    used: Annotated[int, Meta(description="Accepted, in flight, and those whose fate is unknown.")]
    limit: Annotated[int | None, Meta(description="null: none is configured, it is only counted.")]
    remaining: int | None
    published_by_linked_in: Annotated[
        int | None, Meta(description="The allowance that LinkedIn once published for this, if it ever did.")
    ]
    resets_at: Moment


def budget_of(quota: Quota) -> Budget:
    """Return the quota as an agent sees it."""
    return Budget(
        action=quota.action.value,
        window=WINDOW_OF[quota.action].value,
        used=quota.used,
        limit=quota.limit,
        remaining=quota.remaining,
        published_by_linked_in=GROUP_FIRST_CONTACTS_PUBLISHED if quota.action is Action.GROUP_FIRST_CONTACT else None,
        resets_at=iso_z(quota.resets_at),
    )


format_time: Final = optional_iso_z
