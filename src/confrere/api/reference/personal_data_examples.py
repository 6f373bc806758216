"""The answers about the data of people by operation and name; the captions are in the data."""

from collections.abc import Mapping

from confrere.api.reference.shared_examples import ACCOUNT_ID, NOW, RECIPIENT, SEND_ID, Examples
from confrere.api.v1.personal_data import erased_body, export_body
from confrere.domain.erasure import ERASED_PREFIX, OWN_ACCOUNT, Erasure, ErasureResult
from confrere.domain.errors import InvalidField
from confrere.domain.limits import iso_z
from confrere.domain.urns import PROFILE_FORM

_AT = iso_z(NOW)
_ERASURE = Erasure("default", f"{ERASED_PREFIX}{'5' * 40}", NOW)
_NOTHING: dict[str, list[object]] = {
    name: []
    for name in (
        "sends",
        "campaign_people",
        "replies",
        "audience_people",
        "group_members",
        "resolved_people",
        "webhook_events",
        "do_not_contact",
    )
}
_SEND = {
    "id": SEND_ID,
    "requestId": "order-4711",
    "accountId": ACCOUNT_ID,
    "groupId": "12345678",
    "outcome": "accepted",
    "reason": None,
    "messageUrn": None,
    "conversationUrn": None,
    "createdAt": _AT,
    "settledAt": _AT,
    "text": "Hello fellow group member!",
}
_ADDRESS = {
    "vanityName": "bastien-exemple",
    "publicId": "bastien-exemple",
    "firstName": "Bastien",
    "lastName": "Exemple",
    "headline": "Head of Procurement",
    "resolvedAt": _AT,
}
_RECIPIENT_FORM = InvalidField("recipient", PROFILE_FORM)
_ERASED_LISTING = {"reason": None, "source": "erasure", "addedAt": _AT}
_ERASED_SEND = _SEND | {"messageUrn": None, "text": ""}

EXAMPLES: Mapping[str, Examples] = {
    "erasePerson": {
        "erased": erased_body(ErasureResult(_ERASURE, {"sends": 1, "texts": 1, "names": 1, "addresses": 1}, 0)),
        "pending": erased_body(ErasureResult(_ERASURE, {}, 1)),
        "ownAccount": InvalidField("recipient", OWN_ACCOUNT),
        "recipientForm": _RECIPIENT_FORM,
    },
    "exportPerson": {
        "person": export_body(RECIPIENT, _NOTHING | {"sends": [_SEND], "resolved_people": [_ADDRESS]}, _AT, None),
        "erased": export_body(
            RECIPIENT, _NOTHING | {"sends": [_ERASED_SEND], "do_not_contact": [_ERASED_LISTING]}, _AT, _AT
        ),
        "recipientForm": _RECIPIENT_FORM,
    },
}
