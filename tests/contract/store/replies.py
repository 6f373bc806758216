"""Replies as the poller records them."""

from itertools import count
from typing import Any

from confrere.domain.reply import Reply
from tests.contract.store.campaigns import urn
from tests.contract.store.scene import Scene

ANSWER = "Glad to hear from you, call me on Thursday"

_numbers = count(1)


def reply_to(scene: Scene, send_id: str, number: int = 0, **changes: Any) -> Reply:
    """A reply of this person, as the poller makes it."""
    assert scene.account is not None
    reply_id = f"{next(_numbers):032x}"
    values: dict[str, Any] = {
        "id": reply_id,
        "workspace_id": "default",
        "account_id": scene.account.id,
        "recipient": urn(number),
        "name": "Bastien Exemple",
        "conversation_urn": "urn:li:msg_conversation:1",
        "message_urn": f"urn:li:msg_message:{reply_id}",
        "send_id": send_id,
        "text": ANSWER,
        "kinds": (),
        "received_at": scene.now,
        "may_want_out": False,
        "opted_out": False,
    }
    return Reply(**values | changes)
