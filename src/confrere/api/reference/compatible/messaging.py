"""The operations that send, and the one that looks for a conversation."""

from dataclasses import replace
from datetime import timedelta

import msgspec

from confrere.api.compatible import bodies
from confrere.api.compatible.errors import SEND_ERROR, answer_for_outcome, held_answer
from confrere.api.compatible.group_bodies import conversation_body
from confrere.api.compatible.groups import CONVERSATION_ERROR, NO_SUCH_PERSON
from confrere.api.compatible.sends import KEY_IN_BODY, MAX_ACKNOWLEDGED, MISSING
from confrere.api.reference import schemas
from confrere.api.reference.compatible.reads import ACCOUNT_IN_QUERY, reads_of_linkedin
from confrere.api.reference.operation import Example, Node, Operation, Parameter
from confrere.api.reference.schemas import array, nullable, request, text
from confrere.api.reference.shared_examples import (
    ACCOUNT_FORM,
    ACCOUNT_ID,
    CONVERSATION_URN,
    ECHO,
    GROUP,
    MESSAGE_URN,
    MIDNIGHT,
    NOW,
    QUOTA,
    RECIPIENT,
    SEND_BODY,
    TEXT,
    account_in_body,
)
from confrere.api.request import ONE_ACCOUNT
from confrere.domain import errors
from confrere.domain.ids import PLACEHOLDER_FORM
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING, Action, Quota
from confrere.domain.message import MAX_CHARACTERS
from confrere.domain.outcome import OPTED_OUT, Accepted, NotSent, Outcome, Refused, Unknown
from confrere.domain.pacing import LimitName
from confrere.domain.person import PERSON_FORM, ConversationWith
from confrere.domain.urns import GROUP_FORM, VANITY_FORM, ProfileUrn
from confrere.http.answer import Answer

SEND_PROPERTIES: Node = {
    "accountId": account_in_body("LinkedIn account ID to use. If not provided, uses the default account."),
    "recipientProfileUrn": {
        **schemas.PROFILE,
        "description": "Recipient LinkedIn profile URN; a bare `ACoAA…` id, `urn:li:fs_miniProfile:<id>` and "
        "`https://www.linkedin.com/in/ACoAA…` are taken too.",
        "examples": [RECIPIENT],
    },
    "recipientProfileId": {
        **schemas.PROFILE,
        "description": "The same under an older name; read where `recipientProfileUrn` is absent.",
    },
    "groupId": {
        **schemas.GROUP_OR_NUMBER,
        "description": "LinkedIn group ID that both sender and recipient are members of: its digits. "
        "`urn:li:fsd_group:<digits>`, `urn:li:group:<digits>` and the group's URL are taken too. "
        "The answer echoes what you sent.",
        "examples": [GROUP],
    },
    "message": text(
        f"Message content to send, unchanged to the last blank. At most {MAX_CHARACTERS:,} Unicode characters.",
        min_length=1,
        max_length=MAX_CHARACTERS,
        pattern="^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$",
        example=TEXT,
    ),
}
_REQUIRED = ("recipientProfileUrn", "groupId", "message")
_ONE_MESSAGE = "One message to one person. Fields that are not listed are ignored."
_IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Names this send: 1 to 255 visible ASCII characters, kept for 24 hours. A placeholder such as `undefined` or "
    "`${KEY}` is a 400: its variable was not filled in. A repeat with the same key and the same "
    "body gets the first answer again, with `Idempotency-Replayed: true`; with another body it is a 422, "
    "and while the first still runs a 409. After an answer that touched nothing the key is free again.",
    text(min_length=1, max_length=255, pattern="^[\\x21-\\x7E]+$"),
    "order-4711-hello",
)


def _invalid(name: str, summary: str, field: str, must_be: str) -> Example:
    return Example(name, summary, errors.InvalidField(field, must_be))


def _ended(name: str, summary: str, outcome: Outcome) -> Example:
    return Example(name, summary, answer_for_outcome(outcome, ECHO, QUOTA, hold_until=None, now=NOW))


_TOO_LONG = f"must be at most {MAX_CHARACTERS:,} characters long, but has 8,001"
_NOT_AUTHORIZED = Refused(
    403, "Forbidden", "UNAUTHORIZED_VIEWER", "The viewer is not authorized to access this resource"
)
_NOT_FOUND = Refused(404, "Not Found", "RESOURCE_NOT_FOUND", "The recipient cannot be found")
_USED_UP = Quota(Action.MESSAGE, MESSAGES_PER_DAY_CEILING, MESSAGES_PER_DAY_CEILING, MIDNIGHT)
_TOO_FAST = errors.TooFast(LimitName.WRITES_PER_MINUTE, 4, 4, NOW + timedelta(seconds=21), QUOTA)
_SENT = "LinkedIn accepted the message"

SEND_GROUP = Operation(
    "POST",
    "/linkedin/messaging/send-group",
    "sendGroupMessage",
    "Send message with group context",
    "Send a LinkedIn message to someone using group membership context. Allows messaging non-connections who are "
    "members of the same LinkedIn group without using InMail credits. "
    f"Rate limit: {MESSAGES_PER_DAY_CEILING} messages per day per account.\n\n"
    "The message is attempted once and never again by itself. What became of it is always told:\n\n"
    "- **200** LinkedIn accepted the message.\n"
    "- **403** LinkedIn, or the workspace's do-not-contact list, said no to it. Its unit is given back.\n"
    "- **500** with `outcome: not_sent`: certainly nothing was sent, the unit is given back.\n"
    "- **500** with `outcome: unknown`: LinkedIn may have it. Repeat the same request: it looks in the "
    "conversation first, and sends only if the message is certainly not there.\n\n"
    "Every answer comes within 25 seconds.",
    [
        _ended("sent", _SENT, Accepted(MESSAGE_URN, CONVERSATION_URN)),
        Example("missing", "The required fields are missing, null or blank", errors.MissingFields(MISSING)),
        Example("oneMissing", "One of them is: `missing` names it", errors.MissingFields(MISSING, ["message"])),
        _invalid("recipientForm", "A name or a profile's address is no URN", "recipientProfileUrn", VANITY_FORM),
        _invalid("groupForm", "The group's name is no id", "groupId", GROUP_FORM),
        _invalid("messageLength", "The message is too long", "message", _TOO_LONG),
        ACCOUNT_FORM,
        _invalid(
            "keyInBody", "The idempotency key is in the body, where it is not read", "idempotencyKey", KEY_IN_BODY
        ),
        _invalid(
            "keyIsPlaceholder",
            "The idempotency key is a variable that was not filled in",
            "Idempotency-Key",
            PLACEHOLDER_FORM,
        ),
        _invalid("anotherAccount", "`X-Account-Id` names another account than the body", "X-Account-Id", ONE_ACCOUNT),
        Example("accountDisabled", "The account is disabled", errors.AccountDisabled(ACCOUNT_ID, QUOTA)),
        _ended("refused", "LinkedIn refused the sender this recipient in this group", _NOT_AUTHORIZED),
        _ended("optedOut", "The recipient is on the do-not-contact list; LinkedIn was not called", OPTED_OUT),
        _ended("refusedOtherwise", "LinkedIn said no with another status", _NOT_FOUND),
        Example("keyInUse", "The first request with this Idempotency-Key still runs", errors.KeyInUse(QUOTA)),
        Example("keyReused", "The Idempotency-Key was used with another body", errors.KeyReused(QUOTA)),
        Example("usedUp", "The account's day is used up", errors.QuotaUsedUp(_USED_UP)),
        Example(
            "limitIsZero",
            "The account may send none: its daily limit is 0",
            errors.LimitIsZero(Quota(Action.MESSAGE, 0, 0, MIDNIGHT)),
        ),
        Example("tooFast", "A rule of pacing keeps the account waiting; `Retry-After` says how long", _TOO_FAST),
        Example(
            "held",
            "LinkedIn throttles the account; it rests until `holdUntil`",
            held_answer(NOW.replace(hour=10), QUOTA, NOW),
        ),
        Example(
            "noCredentials",
            "The account has no session that LinkedIn takes; connect it again",
            errors.NoSession(ACCOUNT_ID, QUOTA),
        ),
        _ended("notSent", "Certainly nothing was sent", NotSent("no connection to LinkedIn could be made")),
        _ended("unknown", "LinkedIn may have the message", Unknown("LinkedIn did not answer in time")),
        Example(
            "notInTime",
            "No answer in time; the send goes on, and an identical request joins it",
            Answer(500, bodies.SendFailed(error=f"{SEND_ERROR}no answer within 24 s", outcome="unknown")),
        ),
    ],
    parameters=(_IDEMPOTENCY_KEY,),
    request=request("SendGroupRequest", _ONE_MESSAGE, SEND_PROPERTIES, *_REQUIRED),
    body=SEND_BODY,
    status_texts={
        200: "Group context message sent successfully",
        400: "Bad request - Missing required parameter, or one of a wrong form",
        403: "Forbidden - Not authorized to message this user via group",
    },
)
_SENT_FIELDS = msgspec.structs.asdict(bodies.Sent(recipient_profile_urn=RECIPIENT, group_id=GROUP))


def _variant(name: str, operation_id: str, summary: str, description: str, sent: bodies.Sent) -> Operation:
    """A send with a signal before it: the same but for its 200."""
    return replace(
        SEND_GROUP,
        path=f"/linkedin/messaging/{name}",
        operation_id=operation_id,
        summary=summary,
        description=f"The same as `send-group`, in every rule and answer. {description}",
        examples=[Example("sent", _SENT, Answer(200, sent, QUOTA)), *SEND_GROUP.examples[1:]],
    )


_SEND_GROUP_WITH_TYPING = _variant(
    "send-group-with-typing",
    "sendGroupMessageWithTyping",
    "Send message with group context after a typing indicator",
    "Before the message goes out the other side is shown that "
    "the account is typing, if there is a conversation with them already; a first message has none. The message "
    "waits two seconds for it at most, and goes out whatever becomes of it: `typingIndicatorSent` says whether "
    "LinkedIn took it. A repeat that sends nothing shows nothing, and says false.",
    bodies.SentAfterTyping(**_SENT_FIELDS, typing_indicator_sent=True),
)
_MESSAGE_URNS = array(
    text(
        pattern="^urn:li:msg_message:\\(urn:li:fsd_profile:[A-Za-z0-9_-]{1,64},[A-Za-z0-9+/=_-]{1,500}\\)$",
    ),
    "Messages that the account has received, by LinkedIn's own names for them.",
    maxItems=MAX_ACKNOWLEDGED,
    examples=[[MESSAGE_URN]],
)
_SEND_GROUP_WITH_ACK = replace(
    _variant(
        "send-group-with-ack",
        "sendGroupMessageWithAcknowledgment",
        "Send message with group context after acknowledging messages",
        "Before the message goes out LinkedIn is told that the "
        "messages in `messageUrns` have been received. The message waits two seconds for it at most, and goes out "
        "whatever becomes of it: `acknowledgmentSent` says whether LinkedIn took it. It is false where no messages are "
        "named, where one is not of the account's own mailbox, and of a repeat that sends nothing.",
        bodies.SentAfterAcknowledging(**_SENT_FIELDS, acknowledgment_sent=True),
    ),
    body={**SEND_BODY, "messageUrns": [MESSAGE_URN]},
    request=request(
        "SendGroupWithAckRequest",
        _ONE_MESSAGE,
        {**SEND_PROPERTIES, "messageUrns": nullable(_MESSAGE_URNS)},
        *_REQUIRED,
    ),
)


def _found(name: str, summary: str, conversation_urn: str | None) -> Example:
    body = conversation_body(ACCOUNT_ID, ConversationWith(ProfileUrn(RECIPIENT), conversation_urn))
    return Example(name, summary, Answer(200, body, QUOTA))


_FIND_CONVERSATION = Operation(
    "GET",
    "/linkedin/conversations/exists/{profileId}",
    "findConversation",
    "Is there a conversation with this person",
    "Looks in the account's own mailbox. It spends nothing. A vanity name is first looked up at LinkedIn, which is one "
    "read more.",
    [
        _found("exists", "There is one", CONVERSATION_URN),
        _found("none", "There is none yet", None),
        _invalid("profileForm", "It can be the name of nobody", "profileId", PERSON_FORM),
        ACCOUNT_FORM,
        Example("unknownPerson", "LinkedIn knows nobody of this name", NO_SUCH_PERSON),
        *reads_of_linkedin(CONVERSATION_ERROR, QUOTA),
    ],
    parameters=(
        Parameter(
            "profileId",
            "path",
            "The person: their vanity name (what follows `/in/` in the address of their profile), a bare `ACoAA…` id, "
            "or `urn:li:fsd_profile:<id>`.",
            text(
                min_length=1,
                pattern='^(urn:li:fsd_profile:[A-Za-z0-9_-]{1,64}|[^\\s/?#%&:;,()"<>@=\\\\]{1,100})$',
            ),
            ProfileUrn(RECIPIENT).profile_id,
        ),
        ACCOUNT_IN_QUERY,
    ),
)

OPERATIONS = (SEND_GROUP, _SEND_GROUP_WITH_TYPING, _SEND_GROUP_WITH_ACK, _FIND_CONVERSATION)
