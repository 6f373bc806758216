"""What the API answers, as values.

Fields that the server does not know are None. Names are those of the API's JSON in Python's spelling.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A quota as an answer's headers tell it: the state after the request.

    action:    what is counted: `MESSAGE` for sends, `GROUP_MEMBERS` for reads of members.
    reset_at:  aware; when the count begins anew.
    """

    action: str
    limit: int
    used: int
    remaining: int
    reset_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What every answer tells beside its body.

    request_id:  names the call in the server's log.
    rate_limit:  the account's quota after it; None where the server did not tell.
    """

    request_id: str
    rate_limit: RateLimit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent(Answered):
    """LinkedIn accepted the message.

    idempotency_key:        the key that the send had.
    replayed:               whether the server gave the answer of an earlier request with that key.
    typing_indicator_sent:  of `send_group_with_typing`, else None.
    acknowledgment_sent:    of `send_group_with_ack`, else None.
    """

    recipient_profile_urn: str
    group_id: str
    idempotency_key: str
    replayed: bool = False
    typing_indicator_sent: bool | None = None
    acknowledgment_sent: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """LinkedIn's own words for its refusal of a message."""

    status: int | None
    status_text: str | None
    code: str | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pagination:
    """Where a page stands: `count` places from `start`; total None where LinkedIn did not tell."""

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
    """One page of a group's members. A page can have fewer members than places: some members cannot be seen.

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
    """What LinkedIn told of an account's plan; None where it did not."""

    premium_type: str | None
    is_premium: bool | None
    has_sales_navigator: bool | None = None
    has_recruiter: bool | None = None
    has_away_messages: bool | None = None
    has_advertise_badge: bool | None = None
    has_hiring_manager: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """How an account is."""

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
    """One quota of an account. limit and remaining None: none is configured.

    linkedin_limit:  what LinkedIn ever published for it, if anything.
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
    settled_at:  when the outcome was known; None while in flight.
    message:     the text, where one send was asked for; None in lists. It is left out of the representation.
    """

    account_id: str
    id: str
    request_id: str | None
    recipient_profile_urn: str
    group_id: str
    outcome: str
    reason: str | None
    message_urn: str | None
    conversation_urn: str | None
    created_at: datetime
    settled_at: datetime | None
    message: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationExists(Answered):
    """Whether there is a thread with a person; true and false as itself.

    profile_urn:  the person, as `send_group` takes them; None where the server does not name them.
    """

    account_id: str | None
    has_conversation: bool
    conversation_urn: str | None
    profile_urn: str | None

    def __bool__(self) -> bool:
        return self.has_conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """That the process answers."""

    status: str
