"""Identifiers that we mint."""

import os
import secrets
import time
import uuid
from datetime import timedelta


def new_send_id() -> str:
    """A UUID version 7 (RFC 9562) in hex digits: later ones sort after earlier ones, so the ledger grows at one end."""
    value = int.from_bytes(os.urandom(16)) & ~(0xF000 << 64) & ~(0xC0 << 56)
    value = (value & ((1 << 80) - 1)) | (time.time_ns() // 1_000_000 << 80)
    return f"{value | 0x7000 << 64 | 0x80 << 56:032x}"


def send_ids_after(send_id: str, span: timedelta) -> str:
    """Sorts before every send's id that was minted at most `span` earlier than this one."""
    milliseconds = int(send_id[:12], 16) - span // timedelta(milliseconds=1)
    return f"{max(0, milliseconds):012x}"


def new_origin_token() -> str:
    """The token by which a message is found in LinkedIn's conversations: a UUID version 4, as its web client mints."""
    return str(uuid.uuid4())


def new_account_id() -> str:
    """24 hex digits. Source: the HTTP contract, section 1, "Fields"."""
    return secrets.token_hex(12)
