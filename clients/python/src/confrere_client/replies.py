"""Replies: what people answered to our messages."""

from confrere_client.calls import Call, path_part, read_as
from confrere_client.conversation_models import Reply, ReplyMessage, SentInConversation
from confrere_client.conversations import MESSAGES_PAGE, send
from confrere_client.pages import CursorPage, Pages, list_managed
from confrere_client.resource import E, Resource, listing, method

PATH = "/v1/replies"
ANSWER = "/v1/replies/{replyId}/answer"
"""The path of an answer in the API's description."""


class Replies(Resource[E]):
    """Replies of people whom we wrote to. Reading them takes a key with the scope `inbox`."""

    @listing
    def list(
        self,
        *,
        campaign_id: str | None = None,
        account_id: str | None = None,
        recipient: str | None = None,
        may_want_out: bool | None = None,
        handled: bool | None = None,
    ) -> Pages[CursorPage[Reply], Reply]:
        """Iterate over replies, the last recorded first.

        recipient:     whose.
        may_want_out:  whether they contain a stop word.
        """
        query = {
            "campaignId": campaign_id,
            "accountId": account_id,
            "recipient": recipient,
            "mayWantOut": may_want_out,
            "handled": handled,
        }
        return list_managed(Reply, PATH, query)

    @method
    def get(self, reply_id: str) -> Call[Reply]:
        """Read one reply. Raises NotFound."""
        return Call("GET", _path(reply_id), read_as(Reply), at_root=True)

    @method
    def handled(self, reply_id: str, *, is_handled: bool = True) -> Call[Reply]:
        """Record that a reply was handled, or that it is open again."""
        body = {"handled": is_handled}
        return Call("POST", _path(reply_id, "handled"), read_as(Reply), body=body, at_root=True)

    @method
    def answer(self, reply_id: str, *, text: str, idempotency_key: str | None = None) -> Call[SentInConversation]:
        """Send one message into the reply's conversation; takes the scope `send`, too.

        Retries, keys and errors are those of `send_group`.
        """
        return send(
            _path(reply_id, "answer"),
            {},
            text,
            idempotency_key,
            field="text",
            at_root=True,
            described_as=ANSWER,
        )

    @listing
    def conversation(
        self, reply_id: str, *, page_size: int = MESSAGES_PAGE
    ) -> Pages[CursorPage[ReplyMessage], ReplyMessage]:
        """Iterate over the messages of the reply's conversation, newest first, as LinkedIn shows them now."""
        return list_managed(ReplyMessage, lambda: _path(reply_id, "conversation"), {"limit": page_size})


def _path(reply_id: str, *more: str) -> str:
    return "/".join((PATH, path_part("reply_id", reply_id), *more))
