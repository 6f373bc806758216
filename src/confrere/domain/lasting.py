"""Changes that outlast the restoring of an older backup."""

from enum import StrEnum
from typing import Final


class LastingKind(StrEnum):
    """What was done. The subject is an id; of the do-not-contact list it is a person.

    `login_changed`: password, second factor or recovery codes of a user. `webhook_changed`: address, events, secret, or
    whether it is enabled. `campaign_paused`: or stopped.
    """

    ERASED = "erased"
    LISTED = "listed"
    UNLISTED = "unlisted"
    KEY_REVOKED = "key_revoked"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    LOGIN_CHANGED = "login_changed"
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_DELETED = "webhook_deleted"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ACCOUNT_DISCONNECTED = "account_disconnected"
    ACCOUNT_CONNECTED = "account_connected"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_RUN = "campaign_run"

    @property
    def topic(self) -> "LastingKind":
        """What it is about: of two kinds that reverse each other the stricter one. The last of a topic holds."""
        return _REVERSED.get(self, self)


_REVERSED: Final = {
    LastingKind.UNLISTED: LastingKind.LISTED,
    LastingKind.USER_ENABLED: LastingKind.USER_DISABLED,
    LastingKind.ACCOUNT_ENABLED: LastingKind.ACCOUNT_DISABLED,
    LastingKind.ACCOUNT_CONNECTED: LastingKind.ACCOUNT_DISCONNECTED,
    LastingKind.CAMPAIGN_RUN: LastingKind.CAMPAIGN_PAUSED,
}

OF_PEOPLE: Final = frozenset({LastingKind.LISTED, LastingKind.UNLISTED})
"""The kinds whose subject is a person."""
