"""The answers about replies by operation and name; the captions are in the data."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from confrere.api.reference.shared_examples import (
    ACCOUNT_ID,
    ANNA,
    BAD_CURSOR,
    CONVERSATION_URN,
    KEY_ID,
    MESSAGE_URN,
    NO_SUCH_ACCOUNT,
    NO_SUCH_CAMPAIGN,
    NO_SUCH_REPLY,
    NOW,
    QUOTA,
    RECIPIENT,
    REPLY_ID,
    REQUEST_NAME,
    RESERVED,
    RUNNING_ID,
    SEND_ID,
    TEXT,
    Examples,
)
from confrere.api.shared_bodies import plain_sent
from confrere.api.v1.errors import problem_for_read, problem_for_send
from confrere.api.v1.replies import FLAG_FORM
from confrere.api.v1.reply_bodies import ConversationPage, ReplyPage, conversation_message, reply_body
from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import ContentKind, Participant, ThreadMessage
from confrere.domain.errors import AccountHeld, Draining, InvalidField, KeyInUse, KeyReused, NoSession
from confrere.domain.ids import CAMPAIGN_FORM
from confrere.domain.outcome import OPTED_OUT, Accepted, NotSent, Outcome, Refused, Unknown
from confrere.domain.reply import Reply
from confrere.domain.urns import ProfileUrn
from confrere.http.answer import Answer
from confrere.sending import Reading


def _not_sent(outcome: Outcome) -> Answer:
    return problem_for_send(outcome, REQUEST_NAME, hold_until=None, now=NOW)


_ANSWERED = RESERVED + timedelta(hours=4)
_REPLY = Reply(
    id=REPLY_ID,
    workspace_id="default",
    account_id=ACCOUNT_ID,
    recipient=ProfileUrn(RECIPIENT),
    name="Bastien Exemple",
    conversation_urn=CONVERSATION_URN,
    message_urn=MESSAGE_URN.replace("MTc3MzQ3ODg0NA", "MTc3MzQ5MzI0Mg"),
    send_id=SEND_ID,
    text="Hello Anna, gladly. Who told you about me?",
    kinds=(),
    received_at=_ANSWERED,
    may_want_out=False,
    opted_out=False,
    campaign_id=RUNNING_ID,
)
_IMAGE = replace(
    _REPLY,
    id="019cea5b64658f7092a3bbde5f607182",
    message_urn=MESSAGE_URN.replace("MTc3MzQ3ODg0NA", "MTc3MzQ5MzMwMg"),
    text=None,
    kinds=(ContentKind.IMAGE,),
    received_at=_ANSWERED + timedelta(minutes=1),
)
_OURS = ThreadMessage(
    MESSAGE_URN,
    Participant(ProfileUrn(ANNA.profile_urn), ANNA.first_name, ANNA.last_name),
    TEXT,
    (),
    int(RESERVED.timestamp() * 1_000),
)
_THEIRS = ThreadMessage(
    _REPLY.message_urn,
    Participant(ProfileUrn(RECIPIENT), "Bastien", "Exemple"),
    _REPLY.text,
    (),
    int(_ANSWERED.timestamp() * 1_000),
)

EXAMPLES: Mapping[str, Examples] = {
    "listReplies": {
        "page": ReplyPage(items=[reply_body(_IMAGE), reply_body(_REPLY)], next_cursor=None),
        "campaignId": InvalidField("campaignId", CAMPAIGN_FORM),
        "handled": InvalidField("handled", FLAG_FORM),
        "cursor": BAD_CURSOR,
        "unknownAccount": NO_SUCH_ACCOUNT,
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "readReply": {"reply": reply_body(_REPLY), "unknownReply": NO_SUCH_REPLY},
    "markReplyHandled": {
        "handled": reply_body(replace(_REPLY, handled_at=NOW, handled_by=KEY_ID)),
        "handledForm": InvalidField("handled", FLAG_FORM),
        "unknownReply": NO_SUCH_REPLY,
    },
    "answerReply": {
        "answered": plain_sent(RECIPIENT, Accepted(MESSAGE_URN, CONVERSATION_URN)),
        "text": InvalidField("text", "must not be blank"),
        "unknownReply": NO_SUCH_REPLY,
        "optedOut": _not_sent(OPTED_OUT),
        "refusedAnswer": _not_sent(Refused(403, "Forbidden", "MESSAGING_DISABLED", "The recipient takes no messages")),
        "answerKeyInUse": KeyInUse(QUOTA),
        "answerKeyReused": KeyReused(QUOTA),
        "sessionRefused": NoSession(ACCOUNT_ID, QUOTA),
        "linkedinThrottles": AccountHeld(QUOTA, NOW + timedelta(hours=1)),
        "answerNotSent": _not_sent(NotSent("LinkedIn answered 503")),
        "answerUnknown": _not_sent(Unknown("LinkedIn did not answer in time")),
        "serverStops": Draining(),
    },
    "readReplyConversation": {
        "page": ConversationPage(
            items=[conversation_message(message, ANNA.profile_urn) for message in (_THEIRS, _OURS)], next_cursor=None
        ),
        "cursor": BAD_CURSOR,
        "unknownReply": NO_SUCH_REPLY,
        "sessionRefused": NoSession(ACCOUNT_ID, QUOTA),
        "linkedinThrottles": AccountHeld(QUOTA, NOW + timedelta(hours=1)),
        "linkedinUnreadable": problem_for_read(
            Reading(ACCOUNT_ID, Unreadable("LinkedIn did not answer in time"), QUOTA), REQUEST_NAME, NOW
        ),
    },
}
