"""The `data` of events, from the facts that the store wrote."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from confrere.domain.limits import iso_z
from confrere.domain.reply import Reply
from confrere.domain.urns import ProfileUrn


def data_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts as they are shown: times as text, a refusal as one object."""
    data = {name: iso_z(value) if isinstance(value, datetime) else value for name, value in facts.items()}
    if "refusalStatus" in data:
        refusal = {
            "status": data.pop("refusalStatus"),
            "statusText": data.pop("refusalStatusText"),
            "code": data.pop("refusalCode"),
            "message": data.pop("refusalText"),
        }
        data["refusal"] = None if refusal["status"] is None else refusal
    return data


def message_data(reply: Reply) -> dict[str, Any]:
    """Return a received message in the shape that clients of the hosted API read, with ours beside."""
    urn = ProfileUrn(str(reply.recipient))
    at = iso_z(reply.received_at)
    return {
        "id": reply.id,
        "message_urn": reply.message_urn,
        "account_id": reply.account_id,
        "provider": "LINKEDIN",
        "sender": {
            "id": str(urn),
            "name": reply.name,
            "profile_url": f"https://www.linkedin.com/in/{str(urn).rpartition(':')[2]}",
            "profile_picture": None,
        },
        "body": reply.text,
        "timestamp": at,
        "conversation_id": reply.conversation_urn,
        "attachments": [],
        "replyId": reply.id,
        "accountId": reply.account_id,
        "recipientProfileUrn": str(urn),
        "sendId": reply.send_id,
        "campaignId": reply.campaign_id,
        "conversationUrn": reply.conversation_urn,
        "messageUrn": reply.message_urn,
        "kinds": [str(kind) for kind in reply.kinds],
        "mayWantOut": reply.may_want_out,
        "optedOut": reply.opted_out,
        "receivedAt": at,
    }
