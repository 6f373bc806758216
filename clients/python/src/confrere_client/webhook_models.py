"""The results of calls about webhooks. As those in `models`; secrets and answers are in no repr."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where events are sent. disabled_reason: `gone` or `failing`; None where a person has disabled it, or nobody."""

    id: str
    url: str
    events: tuple[str, ...]
    description: str
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecret(Webhook):
    """A webhook with its secret, which the server shows this once."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to a webhook. status: `pending`, `delivered` or `failed`."""

    id: str
    webhook_id: str
    event: str
    event_id: str
    status: str
    attempts: int
    in_progress: bool
    last_status: int | None
    last_error: str | None
    last_answer: str | None = field(repr=False)
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    created_at: datetime
