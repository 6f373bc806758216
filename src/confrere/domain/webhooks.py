"""Webhooks: which events exist, where they go, and when a delivery is tried."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from confrere.domain.errors import ConfrereError
from confrere.domain.limits import iso_z


class EventType(StrEnum):
    """What a webhook reports. A send of which certainly nothing was sent is `send.not_sent`, whatever the reason."""

    SEND_ACCEPTED = "send.accepted"
    SEND_REFUSED = "send.refused"
    SEND_UNKNOWN = "send.unknown"
    SEND_NOT_SENT = "send.not_sent"
    MESSAGE_RECEIVED = "message.received"
    RECIPIENT_OPTED_OUT = "recipient.opted_out"
    CAMPAIGN_STARTED = "campaign.started"
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_FINISHED = "campaign.finished"
    ACCOUNT_SESSION_DEAD = "account.session_dead"
    ACCOUNT_HELD = "account.held"
    ACCOUNT_AVAILABLE = "account.available"
    QUOTA_USED_UP = "quota.used_up"
    WEBHOOK_DISABLED = "webhook.disabled"
    PING = "ping"


TRY_AFTER: Final = tuple(timedelta(seconds=one) for one in (0, 5, 300, 1800, 7200, 18_000, 36_000, 36_000))
"""The pauses before the tries of a delivery. Source: the specification of webhooks."""

JITTER: Final = 0.2
"""A pause is longer by up to this part, so that what failed together is not tried together."""

DISABLED_AFTER: Final = timedelta(days=5)
"""A webhook of which every try has failed for so long is disabled."""

SECRET_OVERLAP: Final = timedelta(days=1)
"""How long the secret before the newest one still signs."""

LOG_KEPT: Final = timedelta(days=30)
"""How long events and deliveries are kept."""

ANSWER_BYTES: Final = 2048
"""How much of an answer is read and kept."""

GONE: Final = 410
"""The status by which a receiver says that it wants no more."""


class DeliveryStatus(StrEnum):
    """Whether an event has reached a webhook. `failed` is not tried again by itself."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class DisabledReason(StrEnum):
    """Why a webhook was disabled by itself: the receiver answered 410, or every try failed for five days."""

    GONE = "gone"
    FAILING = "failing"


class WebhookDisabled(ConfrereError):
    """The webhook is disabled, so that nothing is delivered to it."""

    def __init__(self) -> None:
        super().__init__("The webhook is disabled; enable it first")


class DeliveryInProgress(ConfrereError):
    """The delivery has not ended, so that it is not sent again."""

    def __init__(self) -> None:
        super().__init__("The delivery is still being tried; send it again once it has ended")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events go. Its repr has no address: it may hold a secret.

    disabled_reason:  None where it is enabled, or where a person has disabled it.
    failing_since:    the first failure after the last success.
    previous_until:   until when the secret before the newest one signs, too.
    """

    id: str
    workspace_id: str
    url: str
    events: tuple[EventType, ...]
    description: str
    enabled: bool
    disabled_reason: DisabledReason | None
    failing_since: datetime | None
    previous_until: datetime | None
    created_at: datetime

    def __repr__(self) -> str:
        return f"<Webhook {self.id}>"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook. Its repr has no answer.

    event_id:     the same for every try, and if it is sent again; receivers know it by `public_event_id`.
    last_status:  the HTTP status of the last try; None where it had none, and `last_error` says why.
    last_answer:  the beginning of the last answer.
    next_at:      of the next try; None once it is over.
    in_progress:  a try is under way.
    """

    id: str
    webhook_id: str
    event_id: str
    event: EventType
    status: DeliveryStatus
    attempts: int
    last_status: int | None
    last_error: str | None
    last_answer: str | None
    last_at: datetime | None
    next_at: datetime | None
    in_progress: bool
    created_at: datetime

    def __repr__(self) -> str:
        return f"<Delivery {self.id}>"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event whose body is not made yet. facts: what the store wrote of it, its times as datetimes."""

    id: str
    workspace_id: str
    type: EventType
    subject: str
    facts: Mapping[str, Any]
    occurred_at: datetime

    def __repr__(self) -> str:
        return f"<NewEvent {self.id}>"


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that this process is to try. Its repr has no secret.

    secrets:  whose signatures go with it, the newest first.
    """

    id: str
    webhook_id: str
    workspace_id: str
    url: str
    secrets: tuple[str, ...]
    event_id: str
    body: bytes
    attempts: int
    lease_until: datetime

    def __repr__(self) -> str:
        return f"<ClaimedDelivery {self.id}>"


@dataclass(frozen=True, slots=True)
class Try:
    """What came of one try. Its repr has no answer.

    status:  the HTTP status; None where there was none.
    error:   one clause for people; None where the status is 2xx.
    """

    status: int | None
    error: str | None = None
    answer: bytes = b""

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300

    def __repr__(self) -> str:
        return f"<Try {self.status}>"


def next_try_at(attempts: int, now: datetime, chance: float) -> datetime | None:
    """Return when a delivery is tried again after so many failures; None: never. chance: from 0 to 1."""
    if attempts >= len(TRY_AFTER):
        return None
    return now + TRY_AFTER[attempts] * (1 + JITTER * chance)


def public_event_id(event_id: str) -> str:
    """Return the id by which receivers know an event; ours may name a person. Standard Webhooks allows no dot in it."""
    return f"evt_{hashlib.sha256(event_id.encode()).hexdigest()[:32]}"


def event_body(event: NewEvent, data: Mapping[str, Any]) -> bytes:
    """Return the bytes of every try: ASCII-only JSON, so that no receiver reads other text than was signed."""
    body = {
        "event": event.type,
        "object": "event",
        "id": public_event_id(event.id),
        "occurredAt": iso_z(event.occurred_at),
        "workspaceId": event.workspace_id,
        "data": data,
    }
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def in_order(events: Sequence[EventType]) -> tuple[EventType, ...]:
    """Return them each once, in the order of their table."""
    return tuple(one for one in EventType if one in events)
