"""Replies of the people that a workspace has written to, and the mailboxes that are polled for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from confrere.domain.conversation import ContentKind
from confrere.domain.urns import ProfileUrn


@dataclass(frozen=True, slots=True)
class Reply:
    """A recipient's message after one of ours. Its repr has no text: texts are secret.

    account_id:    in whose mailbox it is.
    send_id:       the last message to this person before it.
    campaign_id:   of that message; None where it belongs to no campaign.
    text:          None for a message without one, such as an image alone.
    may_want_out:  it contains a stop word, but is more than that: a person has to decide.
    opted_out:     the whole message is a stop word, so that the person is on the do-not-contact list.
    handled_by:    the id of the API key, or `cli`.
    """

    id: str
    workspace_id: str
    account_id: str
    recipient: ProfileUrn
    name: str | None
    conversation_urn: str
    message_urn: str
    send_id: str
    text: str | None
    kinds: tuple[ContentKind, ...]
    received_at: datetime
    may_want_out: bool
    opted_out: bool
    campaign_id: str | None = None
    handled_at: datetime | None = None
    handled_by: str | None = None

    def __repr__(self) -> str:
        return f"<Reply {self.id}>"


@dataclass(frozen=True, slots=True)
class ReplyFilter:
    """Which replies to list; None means any."""

    campaign_id: str | None = None
    account_id: str | None = None
    may_want_out: bool | None = None
    handled: bool | None = None
    recipient: ProfileUrn | None = None


@dataclass(frozen=True, slots=True)
class KnownReply:
    """The last reply of a person to an account that is recorded."""

    message_urn: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class PolledMailbox:
    """An account's mailbox, leased to this process to be polled.

    lease_until:    when others may take it.
    is_active:      whether the account has sent anything in the period for which mailboxes are polled.
    sync_token:     LinkedIn's, of the last poll that read everything; None where the mailbox is to be read anew.
    interval:       the time between the last two polls.
    polled_at:      the last poll that read everything; None where there was none.
    failing_since:  the first poll that failed after it; None where none did.
    last_error:     why it failed.
    """

    account_id: str
    workspace_id: str
    lease_until: datetime
    is_active: bool
    sync_token: str | None
    interval: timedelta
    polled_at: datetime | None
    failing_since: datetime | None = None
    last_error: str | None = None
