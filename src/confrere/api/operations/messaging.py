"""The operations that send, and the one that looks for a conversation."""

from dataclasses import replace
from datetime import timedelta

import msgspec

from confrere.api.code_samples import Call
from confrere.api.compatible import bodies
from confrere.api.compatible.errors import SEND_ERROR, answer_for_outcome, held_answer
from confrere.api.compatible.sends import KEY_IN_BODY, MAX_ACKNOWLEDGED, MISSING
from confrere.api.operations.shared_examples import (
    ACCOUNT_ID,
    ACCOUNT_PATTERN,
    BODY_ENCODED,
    BODY_LARGE,
    BODY_LATE,
    BUG,
    BY_GROUP_ID,
    CONVERSATION_URN,
    ECHO,
    GROUP,
    IDEMPOTENCY_KEY,
    MESSAGE_URN,
    MESSAGING,
    MIDNIGHT,
    NOT_JSON,
    NOW,
    PROFILE_PATTERN,
    QUOTA,
    RECIPIENT,
    STORE_AWAY,
    TEXT,
    TOO_MANY_CALLS,
    UNAUTHORIZED,
    Example,
    Node,
    Operation,
    lacks,
    refused,
    wrong_method,
)
from confrere.api.request import ONE_ACCOUNT
from confrere.domain import errors
from confrere.domain.ids import PLACEHOLDER_FORM
from confrere.domain.keys import Scope
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, Action, Quota
from confrere.domain.message import MAX_CHARACTERS
from confrere.domain.outcome import OPTED_OUT, Accepted, NotSent, Refused, Unknown
from confrere.domain.pacing import LimitName
from confrere.domain.urns import GROUP_FORM, VANITY_FORM
from confrere.http.answer import Answer

SEND_BODY: Node = {"recipientProfileUrn": RECIPIENT, "groupId": GROUP, "message": TEXT}
_PROPERTIES: Node = {
    "accountId": {
        "type": ["string", "null"],
        "pattern": ACCOUNT_PATTERN,
        "description": "LinkedIn account ID to use. If not provided, uses the default account.",
    },
    "recipientProfileUrn": {
        "type": "string",
        "pattern": PROFILE_PATTERN,
        "description": "Recipient LinkedIn profile URN; a bare `ACoAA…` id, `urn:li:fs_miniProfile:<id>` and "
        "`https://www.linkedin.com/in/ACoAA…` are taken too.",
        "examples": [RECIPIENT],
    },
    "recipientProfileId": {
        "type": "string",
        "pattern": PROFILE_PATTERN,
        "description": "The same under an older name; read where `recipientProfileUrn` is absent.",
    },
    "groupId": {
        **BY_GROUP_ID,
        "description": "LinkedIn group ID that both sender and recipient are members of: its digits. "
        "`urn:li:fsd_group:<digits>`, `urn:li:group:<digits>` and the group's URL are taken too. "
        "The answer echoes what you sent.",
    },
    "message": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_CHARACTERS,
        "pattern": "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$",
        "description": "Message content to send, unchanged to the last blank. "
        f"At most {MAX_CHARACTERS:,} Unicode characters.",
        "examples": [TEXT],
    },
}
SEND_REQUEST: Node = {
    "title": "SendGroupRequest",
    "description": "One message to one person. Fields that are not listed are ignored.",
    "type": "object",
    "properties": _PROPERTIES,
    "required": ["recipientProfileUrn", "groupId", "message"],
}


def _refused_by_linkedin(status: int, status_text: str, code: str, text: str) -> Answer:
    refusal = Refused(status, status_text, code, text)
    return answer_for_outcome(refusal, ECHO, QUOTA, hold_until=None, now=NOW)


def _failed_send(outcome: NotSent | Unknown) -> Answer:
    return answer_for_outcome(outcome, ECHO, QUOTA, hold_until=None, now=NOW)


SEND_GROUP = Operation(
    method="POST",
    path="/linkedin/messaging/send-group",
    operation_id="sendGroupMessage",
    tag=MESSAGING,
    summary="Send message with group context",
    description=(
        "Send a LinkedIn message to someone using group membership context. Allows messaging non-connections who are "
        "members of the same LinkedIn group without using InMail credits. "
        f"Rate limit: {MESSAGES_PER_DAY_CEILING} messages per day per account.\n\n"
        "The message is attempted once and never again by itself. What became of it is always told:\n\n"
        "- **200** LinkedIn accepted the message.\n"
        "- **403** LinkedIn, or the workspace's do-not-contact list, said no to it. Its unit is given back.\n"
        "- **500** with `outcome: not_sent`: certainly nothing was sent, the unit is given back.\n"
        "- **500** with `outcome: unknown`: LinkedIn may have it. Repeat the same request: it looks in the "
        "conversation first, and sends only if the message is certainly not there.\n\n"
        "Every answer comes within 25 seconds."
    ),
    needs=Scope.SEND,
    call=Call(
        "POST",
        "/linkedin/messaging/send-group",
        SEND_BODY,
        sends=True,
        shown_headers=("X-RateLimit-Remaining",),
    ),
    parameters=(IDEMPOTENCY_KEY,),
    request=SEND_REQUEST,
    replays=frozenset({200, 403}),
    says={
        200: "Group context message sent successfully",
        400: "Bad request - Missing required parameter, or one of a wrong form",
        401: "Unauthorized - Invalid or missing API key",
        403: "Forbidden - Not authorized to message this user via group",
        429: "Rate limit exceeded",
        500: "Server error",
    },
    examples=[
        Example(
            "sent",
            "LinkedIn accepted the message",
            answer_for_outcome(Accepted(MESSAGE_URN, CONVERSATION_URN), ECHO, QUOTA, hold_until=None, now=NOW),
        ),
        refused("missing", "The required fields are missing, null or blank", errors.MissingFields(MISSING)),
        refused("oneMissing", "One of them is: `missing` names it", errors.MissingFields(MISSING, ["message"])),
        refused(
            "recipientForm",
            "A name or a profile's address is no URN",
            errors.InvalidField("recipientProfileUrn", VANITY_FORM),
        ),
        refused(
            "groupForm",
            "The group's name is no id",
            errors.InvalidField("groupId", GROUP_FORM),
        ),
        refused(
            "messageLength",
            "The message is too long",
            errors.InvalidField("message", f"must be at most {MAX_CHARACTERS:,} characters long, but has 8,001"),
        ),
        refused(
            "accountForm",
            "The account's id is not of its form",
            errors.InvalidField("accountId", "must be 24 hexadecimal digits, the id of an account of this workspace"),
        ),
        refused(
            "keyInBody",
            "The idempotency key is in the body, where it is not read",
            errors.InvalidField("idempotencyKey", KEY_IN_BODY),
        ),
        refused(
            "keyIsPlaceholder",
            "The idempotency key is a variable that was not filled in",
            errors.InvalidField("Idempotency-Key", PLACEHOLDER_FORM),
        ),
        refused(
            "anotherAccount",
            "`X-Account-Id` names another account than the body",
            errors.InvalidField("X-Account-Id", ONE_ACCOUNT),
        ),
        refused(
            "accountDisabled",
            "The account is disabled",
            errors.AccountDisabled(ACCOUNT_ID, QUOTA),
        ),
        NOT_JSON,
        UNAUTHORIZED,
        Example(
            "refused",
            "LinkedIn refused the sender this recipient in this group",
            _refused_by_linkedin(
                403, "Forbidden", "UNAUTHORIZED_VIEWER", "The viewer is not authorized to access this resource"
            ),
        ),
        Example(
            "optedOut",
            "The recipient is on the do-not-contact list; LinkedIn was not called",
            answer_for_outcome(OPTED_OUT, ECHO, QUOTA, hold_until=None, now=NOW),
        ),
        Example(
            "refusedOtherwise",
            "LinkedIn said no with another status",
            _refused_by_linkedin(404, "Not Found", "RESOURCE_NOT_FOUND", "The recipient cannot be found"),
        ),
        lacks(Scope.SEND),
        wrong_method("GET", "POST"),
        BODY_LATE,
        refused("keyInUse", "The first request with this Idempotency-Key still runs", errors.KeyInUse(QUOTA)),
        BODY_LARGE,
        BODY_ENCODED,
        refused("keyReused", "The Idempotency-Key was used with another body", errors.KeyReused(QUOTA)),
        refused(
            "usedUp",
            "The account's day is used up",
            errors.QuotaUsedUp(Quota(Action.MESSAGE, MESSAGES_PER_DAY_CEILING, MESSAGES_PER_DAY_CEILING, MIDNIGHT)),
        ),
        refused(
            "limitIsZero",
            "The account may send none: its daily limit is 0",
            errors.LimitIsZero(Quota(Action.MESSAGE, 0, 0, MIDNIGHT)),
        ),
        refused(
            "tooFast",
            "A rule of pacing keeps the account waiting; `Retry-After` says how long",
            errors.TooFast(LimitName.WRITES_PER_MINUTE, 4, 4, NOW + timedelta(seconds=21), QUOTA),
        ),
        TOO_MANY_CALLS,
        Example(
            "held",
            "LinkedIn throttles the account; it rests until `holdUntil`",
            held_answer(NOW.replace(hour=10), QUOTA, NOW),
        ),
        refused(
            "noCredentials",
            "The account has no session that LinkedIn takes; connect it again",
            errors.NoSession(ACCOUNT_ID, QUOTA),
        ),
        Example(
            "notSent", "Certainly nothing was sent", _failed_send(NotSent("no connection to LinkedIn could be made"))
        ),
        Example("unknown", "LinkedIn may have the message", _failed_send(Unknown("LinkedIn did not answer in time"))),
        Example(
            "notInTime",
            "No answer in time; the send goes on, and an identical request joins it",
            Answer(500, bodies.SendFailed(error=f"{SEND_ERROR}no answer within 24 s", outcome="unknown")),
        ),
        BUG,
        STORE_AWAY,
        refused("stopping", "The server is stopping", errors.Draining()),
    ],
)

_SENT_BODY = msgspec.structs.asdict(bodies.Sent(recipient_profile_urn=RECIPIENT, group_id=GROUP))

SEND_GROUP_WITH_TYPING = replace(
    SEND_GROUP,
    path="/linkedin/messaging/send-group-with-typing",
    operation_id="sendGroupMessageWithTyping",
    summary="Send message with group context after a typing indicator",
    description=(
        "The same as `send-group`, in every rule and answer. Before the message goes out the other side is shown that "
        "the account is typing, if there is a conversation with them already; a first message has none. The message "
        "waits two seconds for it at most, and goes out whatever becomes of it: `typingIndicatorSent` says whether "
        "LinkedIn took it. A repeat that sends nothing shows nothing, and says false."
    ),
    call=replace(SEND_GROUP.call, path="/linkedin/messaging/send-group-with-typing"),
    examples=[
        Example(
            "sent",
            "LinkedIn accepted the message",
            Answer(200, bodies.SentAfterTyping(**_SENT_BODY, typing_indicator_sent=True), QUOTA),
        ),
        *SEND_GROUP.examples[1:],
    ],
)

_ACK_BODY: Node = {**SEND_BODY, "messageUrns": [MESSAGE_URN]}

SEND_GROUP_WITH_ACK = replace(
    SEND_GROUP,
    path="/linkedin/messaging/send-group-with-ack",
    operation_id="sendGroupMessageWithAcknowledgment",
    summary="Send message with group context after acknowledging messages",
    description=(
        "The same as `send-group`, in every rule and answer. Before the message goes out LinkedIn is told that the "
        "messages in `messageUrns` have been received. The message waits two seconds for it at most, and goes out "
        "whatever becomes of it: `acknowledgmentSent` says whether LinkedIn took it. It is false where no messages are "
        "named, where one is not of the account's own mailbox, and of a repeat that sends nothing."
    ),
    call=replace(SEND_GROUP.call, path="/linkedin/messaging/send-group-with-ack", body=_ACK_BODY),
    request={
        **SEND_REQUEST,
        "title": "SendGroupWithAckRequest",
        "properties": {
            **_PROPERTIES,
            "messageUrns": {
                "type": ["array", "null"],
                "maxItems": MAX_ACKNOWLEDGED,
                "items": {
                    "type": "string",
                    "pattern": "^urn:li:msg_message:"
                    "\\(urn:li:fsd_profile:[A-Za-z0-9_-]{1,64},[A-Za-z0-9+/=_-]{1,500}\\)$",
                },
                "description": "Messages that the account has received, by LinkedIn's own names for them.",
                "examples": [[MESSAGE_URN]],
            },
        },
    },
    examples=[
        Example(
            "sent",
            "LinkedIn accepted the message",
            Answer(200, bodies.SentAfterAcknowledging(**_SENT_BODY, acknowledgment_sent=True), QUOTA),
        ),
        *SEND_GROUP.examples[1:],
    ],
)
