"""One message of a draft, to see it arrive before the campaign is started."""

import hashlib

from confrere.campaigns.control import CampaignControl
from confrere.domain.attempt import Unreadable
from confrere.domain.campaigns.campaign import ContentChanged, SkipReason
from confrere.domain.message import MessageText
from confrere.domain.outcome import NotSent, Refused, SessionDead, Throttled
from confrere.domain.send_request import SendRequest
from confrere.domain.urns import ProfileUrn
from confrere.ports import Store
from confrere.sending.caller import CallerConnection, SendResult
from confrere.sending.directory import Directory
from confrere.sending.send import GroupSender

CHANGED = "The text has changed since you read it; read it again, then send it"


class FirstMessage:
    """Sends a draft's text to one person of its audience, as any single message is sent.

    The campaign skips them for that afterwards, as `already_written_to`: they are written to once.
    """

    def __init__(self, *, store: Store, campaigns: CampaignControl, sender: GroupSender, directory: Directory) -> None:
        self._store = store
        self._campaigns = campaigns
        self._sender = sender
        self._directory = directory

    async def send(
        self, workspace_id: str, campaign_id: str, recipient: ProfileUrn, *, digest: str, request_id: str
    ) -> SendResult | SkipReason:
        """Send it; where the campaign would skip the person, return why.

        digest:  `digest_of` the text that was read.
        Raises:  as `CampaignControl.check` and `GroupSender.send`; ContentChanged.
        """
        campaign = (await self._campaigns.read(workspace_id, campaign_id)).campaign
        one = await self._campaigns.read_text_of(workspace_id, campaign_id, recipient)
        if one.skip is not None:
            return one.skip
        text = one.text
        assert text is not None
        if digest_of(text) != digest:
            raise ContentChanged(CHANGED)
        if campaign.skip_existing_conversations:
            reading = await self._directory.find_conversation(workspace_id, campaign.account_id, recipient)
            match reading.result:
                case Refused() | Throttled() | SessionDead() | Unreadable():
                    why = "LinkedIn could not be asked whether there is a conversation with them"
                    return SendResult("", NotSent(why), reading.quota, hold_until=reading.hold_until)
                case None:
                    pass
                case found if found.urn is not None:
                    return SkipReason.CONVERSATION_EXISTS
        caller = CallerConnection()
        request = SendRequest(
            request_id=request_id,
            workspace_id=workspace_id,
            account_id=campaign.account_id,
            recipient=recipient,
            group_id=campaign.group_id,
            text=text,
            # The same for everybody: of two people who send it at once, the second gets the answer of the first.
            idempotency_key=f"first:{campaign_id}:{recipient.profile_id}",
        )
        result = await self._sender.send(request, caller)
        self._sender.record_answered(caller)
        return result


def digest_of(text: MessageText) -> str:
    """Return the SHA-256 in hex by which a text is compared with the one that was read."""
    return hashlib.sha256(text.encode()).hexdigest()
