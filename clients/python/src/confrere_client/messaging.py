"""Sends through a group."""

from collections.abc import Mapping, Sequence

from confrere_client.arguments import check_group, check_optional_text, check_text, read_texts
from confrere_client.calls import Call, Facts, new_key
from confrere_client.decoding import Unreadable, decode
from confrere_client.models import Sent
from confrere_client.resource import E, Resource, method

SEND_GROUP = "/messaging/send-group"
SEND_GROUP_WITH_TYPING = "/messaging/send-group-with-typing"
SEND_GROUP_WITH_ACK = "/messaging/send-group-with-ack"


class Messaging(Resource[E]):
    """Sends. Every method may raise NotSent, OutcomeUnknown, Refused, RateLimited and the other errors."""

    @method
    def send_group(
        self,
        *,
        recipient: str,
        group_id: str | int,
        message: str,
        account_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[Sent]:
        """Send one message to a fellow member of a group.

        recipient:        `urn:li:fsd_profile:<id>`, as in `Member.profile_urn`.
        group_id:         the group's digits; Confrere takes its URN and its URL too.
        account_id:       None for the workspace's default account.
        idempotency_key:  identifies this send; a new one where it is None. Pass your own to be able to repeat the send
                          later, from another process.
        """
        return send(SEND_GROUP, recipient, group_id, message, account_id, idempotency_key)

    @method
    def send_group_with_typing(
        self,
        *,
        recipient: str,
        group_id: str | int,
        message: str,
        account_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[Sent]:
        """The same after a typing indicator, where there is a conversation already."""
        return send(SEND_GROUP_WITH_TYPING, recipient, group_id, message, account_id, idempotency_key)

    @method
    def send_group_with_ack(
        self,
        *,
        recipient: str,
        group_id: str | int,
        message: str,
        message_urns: Sequence[str] | None = None,
        account_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[Sent]:
        """Send after a delivery receipt for `message_urns`. The arguments are those of `send_group`."""
        return send(SEND_GROUP_WITH_ACK, recipient, group_id, message, account_id, idempotency_key, message_urns)


def send(
    path: str,
    recipient: str,
    group_id: str | int,
    message: str,
    account_id: str | None = None,
    idempotency_key: str | None = None,
    message_urns: Sequence[str] | None = None,
) -> Call[Sent]:
    """Send one message, with a new key unless one is given. Raises InvalidRequest."""
    check_text("recipient", recipient)
    check_group("group_id", group_id)
    check_text("message", message)
    check_optional_text("account_id", account_id)
    key = new_key(idempotency_key)

    def read(value: object, facts: Facts) -> Sent:
        if not isinstance(value, Mapping) or value.get("success") is not True:
            raise Unreadable("the answer does not say that the message was sent")
        echo = {"recipientProfileUrn": recipient, "groupId": group_id}
        return decode(Sent, {**echo, **value}, **facts.shared(), idempotency_key=key, replayed=facts.replayed)

    body = {
        "accountId": account_id,
        "recipientProfileUrn": recipient,
        "groupId": group_id,
        "message": message,
        "messageUrns": read_texts("message_urns", message_urns),
    }
    return Call("POST", path, read, body=body, idempotency_key=key, private=(message,))
