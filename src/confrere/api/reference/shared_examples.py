"""Values and answers that the examples of several operations share."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from confrere.api.compatible.bodies import AccountItem
from confrere.api.compatible.errors import Echo
from confrere.api.shared_bodies import Body
from confrere.domain import errors
from confrere.domain.account import Account, AccountStatus
from confrere.domain.campaigns.campaign import Campaign, CampaignStatus
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, MESSAGES_PER_DAY_CEILING, Action, Quota
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import Send
from confrere.domain.urns import GroupId
from confrere.http.answer import Answer

Shown = Answer | Body | list[AccountItem] | errors.ConfrereError
"""What an example shows: an answer, the body of a 200, or an error, which the operation's API turns into an answer."""

Examples = Mapping[str, Shown]
"""The answers of one operation by the examples' names."""

RECIPIENT = "urn:li:fsd_profile:ACoAAFpqSoMB8vTqRbg4mN_wbabO8w0gjgFu-6o"
OPTED_OUT = "urn:li:fsd_profile:ACoAAC4hVx0BkQm1u8Wl2nR7tYpD3sXfGzEo6Ja"
GROUP = "12345678"
TEXT = "Hello fellow group member!"
TEMPLATE = 'Hello {{ firstName | default: "there" }}, if you would rather not hear from me, just say so.'
ACCOUNT_ID = "65f1a2b3c4d5e6f708192a3b"
SEND_ID = "019cea5b2d2a7c3f8e1b4a6d9f205c71"
AUDIENCE_ID = "019cea5b3f107a2b9d4e6c8f0a1b2c3d"
UNUSED_AUDIENCE_ID = "019cea5b3f107a2b9d4e6c8f0a1b2c3e"
TEMPLATE_ID = "019cea5b3a0c7e1d8b2f4c6a9e0d1f23"
UNUSED_TEMPLATE_ID = "019cea5b3a1b7c2e9c305d7baf1e2034"
WEBHOOK_ID = "019cea5b60657f708293bbde5f607182"
UNUSED_WEBHOOK_ID = "019cea5b61667f718394ccef60718293"
DELIVERY_ID = "019cea5b62677f728495ddf071829304"
WEBHOOK_URL = "https://crm.example.com/confrere"
DRAFT_ID = "019cea5b40217b3c8e5f7d9a1b2c3d4e"
RUNNING_ID = "019cea5b41327c4d9f608eab2c3d4e5f"
PAUSED_ID = "019cea5b42437d5e80719fbc3d4e5f60"
CONTENT_HASH = "9f2d1c7be6a84053d1f0a7b6c5e4938271605f4e3d2c1b0a99887766554433ff"
REPLY_ID = "019cea5b53547e6f8182aacd4e5f6071"
KEY_ID = "5d41402abc4b2a76b9719d91"
WORKSPACE_ID = "7c9e6679742540de944be07f"
REQUEST_NAME = "order-4711"
MESSAGE_URN = "urn:li:msg_message:(urn:li:fsd_profile:ACoAABtq3u0B,2-MTc3MzQ3ODg0NA==)"
CONVERSATION_URN = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAABtq3u0B,2-NjVmMWEyYjM=)"

NOW = datetime(2026, 3, 14, 9, 0, 43, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 15, tzinfo=UTC)
RESERVED = datetime(2026, 3, 14, 9, 0, 42, 310_000, tzinfo=UTC)
ECHO = Echo(RECIPIENT, GROUP)

QUOTA = Quota(Action.MESSAGE, MESSAGES_PER_DAY_CEILING, 42, MIDNIGHT)
QUOTAS = (
    QUOTA,
    Quota(Action.GROUP_MEMBERS, GROUP_MEMBERS_PER_DAY, 0, MIDNIGHT),
    Quota(Action.GROUP_FIRST_CONTACT, None, 17, datetime(2026, 4, 1, tzinfo=UTC)),
)
ANNA = Account(
    id=ACCOUNT_ID,
    workspace_id="default",
    profile_urn="urn:li:fsd_profile:ACoAABtq3u0B",
    first_name="Anna",
    last_name="Lindqvist",
    public_id="anna-lindqvist",
    picture=None,
    premium=False,
    status=AccountStatus.AVAILABLE,
    status_reason=None,
    enabled=True,
    is_default=True,
    daily_limit=MESSAGES_PER_DAY_CEILING,
    hold_until=None,
    session_version=3,
    created_at=datetime(2026, 2, 2, 10, 30, tzinfo=UTC),
    last_used_at=RESERVED,
    connected_at=datetime(2026, 3, 2, 8, 12, tzinfo=UTC),
    answered_at=RESERVED,
)
SEND = Send(
    id=SEND_ID,
    request_id=REQUEST_NAME,
    workspace_id="default",
    account_id=ACCOUNT_ID,
    recipient=RECIPIENT,
    group_id=GROUP,
    origin_token="",
    outcome=OutcomeName.ACCEPTED,
    reason=None,
    refusal=None,
    message_urn=MESSAGE_URN,
    conversation_urn=CONVERSATION_URN,
    window_start=MIDNIGHT - timedelta(days=1),
    created_at=RESERVED,
    ended_at=RESERVED + timedelta(milliseconds=818),
    settled_at=RESERVED + timedelta(milliseconds=818),
    absent_at=None,
)
UNKNOWN_SEND = replace(
    SEND,
    id="019cea5a81c07d1c9a3fb0c6d9112e4f",
    outcome=OutcomeName.UNKNOWN,
    reason="LinkedIn did not answer in time",
    message_urn=None,
    conversation_urn=None,
    created_at=RESERVED - timedelta(minutes=10),
    ended_at=RESERVED - timedelta(minutes=9, seconds=40),
    settled_at=RESERVED - timedelta(minutes=9, seconds=40),
    absent_at=RESERVED - timedelta(minutes=9, seconds=37),
)

NO_SUCH_ACCOUNT = errors.NotFound("There is no such account in this workspace")
NO_SUCH_AUDIENCE = errors.NotFound("There is no such audience in this workspace")
NO_SUCH_TEMPLATE = errors.NotFound("There is no such template in this workspace")
NO_SUCH_CAMPAIGN = errors.NotFound("There is no such campaign in this workspace")
NO_SUCH_REPLY = errors.NotFound("There is no such reply in this workspace")
NO_SUCH_WEBHOOK = errors.NotFound("There is no such webhook in this workspace")
NO_SUCH_DELIVERY = errors.NotFound("There is no such delivery in this workspace")
NO_SUCH_SEND = errors.NotFound("There is no such send in this workspace")
OUTCOME_NAME = errors.InvalidField("outcome", f"must be one of {', '.join(OutcomeName)}")
BAD_CURSOR = errors.InvalidField("cursor", "must be the nextCursor of the page before")
ACCOUNT_FORM = errors.InvalidField("accountId", "must be 24 hexadecimal digits, the id of an account of this workspace")

CAMPAIGN = Campaign(
    id=DRAFT_ID,
    workspace_id="default",
    name="Spring",
    account_id=ACCOUNT_ID,
    group_id=GroupId(GROUP),
    audience_id=AUDIENCE_ID,
    status=CampaignStatus.DRAFT,
    cause=None,
    starts_at=None,
    daily_cap=None,
    spread=True,
    skip_existing_conversations=True,
    first_left=None,
    created_by=KEY_ID,
    started_by=None,
    created_at=NOW,
    started_at=None,
    ended_at=None,
)
"""A draft."""
