"""Our own identifiers: those that we generate, and those that callers give."""

import os
import re
import secrets
import time
import uuid
from datetime import datetime, timedelta

from confrere.domain.errors import InvalidField
from confrere.domain.urns import trimmed

PLACEHOLDER_FORM = (
    "must name this one message, but is a placeholder such as undefined or ${KEY}: its variable was not filled in"
)

CAMPAIGN_FORM = "must be 32 hexadecimal digits, the id of a campaign of this workspace"

RECORD_ID = "[0-9a-f]{32}"
"""The form of the ids of sends, audiences, campaigns … as a regular expression."""

KEY_ID = "[0-9a-f]{24}"
"""The form of the ids of keys, users and accounts, as we write them."""

_RECORD_ID = re.compile(RECORD_ID)
_KEY_ID = re.compile(KEY_ID)
_CAMPAIGN_PERSON_ID = re.compile(RECORD_ID + "[0-9a-f]{8}")
_ACCOUNT_ID = re.compile(r"[0-9A-Fa-f]{24}")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_ORDINARY_KEY = re.compile(r"(?=[A-Za-z_.:-]*[0-9])[A-Za-z0-9_.:-]{1,255}")

_EMPTY_VALUES = re.compile(
    r"(?:[^a-z0-9]*(?:null|undefined|none|nan|nil|true|false|object)(?![a-z0-9]))+[^a-z0-9]*|[\"'`]+", re.IGNORECASE
)
"""What programming languages print for a missing value, quoted, bracketed or repeated: `[object Object]`, `<nil>`."""

_TEMPLATES = re.compile(r"\$\{.*\}|\$\(.*\)|\{\{.*\}\}|#\{.*\}|%\{.*\}|<%.*%>|^<.*>$|^\$[A-Za-z_]\w*$|^%[A-Za-z_]\w*%$")
"""References to a variable in shells and template languages."""


def new_send_id() -> str:
    """Generate a UUID version 7 (RFC 9562) in hex digits: ids sort by time, so the ledger grows at one end."""
    value = int.from_bytes(os.urandom(16)) & ~(0xF000 << 64) & ~(0xC0 << 56)
    value = (value & ((1 << 80) - 1)) | (time.time_ns() // 1_000_000 << 80)
    return f"{value | 0x7000 << 64 | 0x80 << 56:032x}"


def new_record_id() -> str:
    """The id of an audience or a campaign: as a send's, so that later ones sort after earlier ones."""
    return new_send_id()


def is_record_id(value: object) -> bool:
    """Whether it has the form of the id of a record, such as a send or a campaign."""
    return isinstance(value, str) and _RECORD_ID.fullmatch(value) is not None


def is_key_id(value: str) -> bool:
    """Whether it has the form of the id of a key."""
    return _KEY_ID.fullmatch(value) is not None


def is_person_of(campaign_id: str, value: str) -> bool:
    """Whether it has the form of the id of a person of this campaign: the campaign's id and a number."""
    return _CAMPAIGN_PERSON_ID.fullmatch(value) is not None and value.startswith(campaign_id)


def parse_campaign_id(value: str | None, *, field: str = "campaignId") -> str | None:
    """The id of a campaign; None where none is given. Raises InvalidField."""
    if value is None or is_record_id(value):
        return value
    raise InvalidField(field, CAMPAIGN_FORM)


def send_ids_after(send_id: str, span: timedelta) -> str:
    """Return an id that sorts before every id generated at most `span` before this one."""
    milliseconds = int(send_id[:12], 16) - span // timedelta(milliseconds=1)
    return f"{max(0, milliseconds):012x}"


def first_send_id_at(moment: datetime) -> str:
    """Sorts before every send's id that was minted from this moment on."""
    return f"{int(moment.timestamp() * 1000):012x}"


def new_origin_token() -> str:
    """Generate the token that identifies a message at LinkedIn: a UUID version 4, as its web client does."""
    return str(uuid.uuid4())


def new_account_id() -> str:
    """24 hex digits. Source: the HTTP contract, section 1, "Fields"."""
    return secrets.token_hex(12)


def parse_account_id(value: object, *, field: str = "accountId") -> str | None:
    """The id of an account, blanks around it taken off; None, for the default account, where none is given.

    Raises InvalidField.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str) and _ACCOUNT_ID.fullmatch(text := trimmed(value)):
        return text.lower()
    raise InvalidField(field, "must be 24 hexadecimal digits, the id of an account of this workspace")


def parse_idempotency_key(value: str, *, field: str = "Idempotency-Key") -> str:
    """The key, if it can name one message. Raises InvalidField.

    A variable that was not filled in gives many messages the same key: all but the first would be refused.
    """
    if _ORDINARY_KEY.fullmatch(value):
        return value
    if is_placeholder(value):
        raise InvalidField(field, PLACEHOLDER_FORM)
    if not _IDEMPOTENCY_KEY.fullmatch(value):
        raise InvalidField(field, "must be 1 to 255 visible ASCII characters")
    return value


def is_placeholder(text: str) -> bool:
    """Whether it is a placeholder that was not replaced, such as `undefined` or `${KEY}`."""
    return bool(_EMPTY_VALUES.fullmatch(text) or _TEMPLATES.search(text))
