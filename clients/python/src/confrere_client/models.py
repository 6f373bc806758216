"""The results of calls.

Fields that the server does not know are None. Names are those of the API's JSON, in snake case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A quota after the request, from the answer's headers.

    action:    what is counted: `MESSAGE` for sends, `GROUP_MEMBERS` for reads of members.
    reset_at:  aware; when the count starts again at 0.
    """

    action: str
    limit: int
    used: int
    remaining: int
    reset_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The values that every answer has in its headers.

    request_id:  identifies the call in the server's log.
    rate_limit:  the account's quota after the call; None where the server did not send it.
    """

    request_id: str
    rate_limit: RateLimit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent(Answered):
    """LinkedIn accepted the message.

    idempotency_key:        the key that the send had.
    replayed:               whether it is the answer of an earlier request with that key.
    typing_indicator_sent:  set by `send_group_with_typing`, else None.
    acknowledgment_sent:    set by `send_group_with_ack`, else None.
    """

    recipient_profile_urn: str
    group_id: str
    idempotency_key: str
    replayed: bool = False
    typing_indicator_sent: bool | None = None
    acknowledgment_sent: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """LinkedIn's own status, code and text for the refusal of a message."""

    status: int | None
    status_text: str | None
    code: str | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pagination:
    """The position of a page: `count` entries from `start`; total None where LinkedIn did not state it."""

    start: int
    count: int
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group that the account is in."""

    group_id: str
    group_urn: str | None
    name: str | None
    member_count: int | None
    membership_status: str | None
    group_url: str | None
    logo: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPage(Answered):
    """The account's groups."""

    account_id: str | None
    groups: tuple[Group, ...]
    pagination: Pagination | None
    has_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a group. `profile_urn` is what `send_group` takes as its recipient; None where LinkedIn hides it."""

    profile_id: str | None
    profile_urn: str | None
    entity_urn: str | None
    public_identifier: str | None
    first_name: str | None
    last_name: str | None
    full_name: str | None
    headline: str | None
    profile_picture: str | None
    profile_url: str | None
    follower_count: int | None
    membership_status: str | None
    relationship_status: str | None
    is_premium: bool | None
    is_verified: bool | None
    badges: tuple[str, ...] = ()
    creator: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPage(Answered):
    """One page of a group's members. A page can have fewer members than entries, because some members are hidden.

    has_more:  whether there is a page after it; it begins at `pagination.start + pagination.count`.
    """

    account_id: str | None
    group_id: str | None
    group_url: str | None
    members: tuple[Member, ...]
    pagination: Pagination | None
    has_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A LinkedIn account of the workspace.

    status:              `AVAILABLE`, `IN_USE`, `WARMUP`, `ERROR` (a person must connect it again) or `UNKNOWN`.
    api_seat_allocated:  whether it is enabled and has a session.
    """

    id: str
    first_name: str | None
    last_name: str | None
    public_id: str | None
    picture: str | None
    status: str | None
    enabled: bool | None
    api_seat_allocated: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedInPlan:
    """An account's LinkedIn plan; None for what LinkedIn did not state."""

    premium_type: str | None
    is_premium: bool | None
    has_sales_navigator: bool | None = None
    has_recruiter: bool | None = None
    has_away_messages: bool | None = None
    has_advertise_badge: bool | None = None
    has_hiring_manager: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """An account's status and plan."""

    id: str
    first_name: str | None
    last_name: str | None
    public_id: str | None
    platform: str | None
    status: str | None
    enabled: bool | None
    last_used: datetime | None
    has_tokens: bool | None
    linkedin_plan: LinkedInPlan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """One quota of an account. limit and remaining are None where no limit is configured.

    linkedin_limit:  the limit that LinkedIn published for it, if any.
    """

    feature: str
    window: str | None
    used: int
    limit: int | None
    linkedin_limit: int | None
    remaining: int | None
    limit_reached: bool | None
    limit_reached_at: datetime | None
    reset_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRecord:
    """One row of the server's ledger of sends.

    outcome:     `in_flight`, `accepted`, `refused`, `throttled`, `session_dead`, `not_sent` or `unknown`.
    group_id:    None for a message without a group.
    settled_at:  when the outcome became known; None while in flight.
    message:     the text, where one send was read; None in lists. The repr does not show it.
    """

    account_id: str
    id: str
    request_id: str | None
    recipient_profile_urn: str
    group_id: str | None
    outcome: str
    reason: str | None
    message_urn: str | None
    conversation_urn: str | None
    created_at: datetime
    settled_at: datetime | None
    message: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The answer of a running process."""

    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased:
    """What an erasure has done.

    erased:     how many of each kind are gone.
    erased_at:  when the person was erased for the first time.
    pending:    messages that are erased once they are settled.
    """

    erased: Mapping[str, int]
    erased_at: datetime
    pending: int
    do_not_contact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person, as far as LinkedIn shows them to the account that read the profile.

    profile_urn:        what a send takes as its recipient; it never changes.
    public_identifier:  the name in the profile's address, which people can change.
    """

    account_id: str | None
    profile_urn: str
    profile_id: str
    name: str | None
    first_name: str | None
    last_name: str | None
    headline: str | None
    public_identifier: str | None
    profile_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The accounts, keys, users, lists and limits of one client. created_at: None for the installation's first one."""

    id: str
    name: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A new API key. key: the key itself, which the server shows this once; no repr does.

    visible_part:  how it begins.
    """

    id: str
    name: str
    visible_part: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    key: str = field(repr=False)
