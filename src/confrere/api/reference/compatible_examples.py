"""The answers of the compatible API, and of the server itself, by operation and name; the captions are in the data."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from confrere.api.compatible import bodies
from confrere.api.compatible.accounts import account_item, account_status
from confrere.api.compatible.conversation_bodies import MarkedSeen, conversations_body, messages_body
from confrere.api.compatible.conversations import MAILBOX_ERROR, MESSAGES_ERROR, SEEN_ERROR
from confrere.api.compatible.conversations import MISSING as MISSING_CONVERSATION
from confrere.api.compatible.errors import (
    PLAIN_SEND_ERROR,
    SEND_ERROR,
    PlainEcho,
    answer_for_failed_read,
    answer_for_outcome,
    held_answer,
)
from confrere.api.compatible.group_bodies import (
    conversation_body,
    groups_body,
    members_body,
    members_by_url_body,
    older_members_body,
)
from confrere.api.compatible.groups import (
    CONVERSATION_ERROR,
    GROUPS_ERROR,
    MAX_COUNT,
    MEMBERS_ERROR,
    MISSING_ANY,
    MISSING_ID,
    MISSING_URL,
    NO_SUCH_PERSON,
)
from confrere.api.compatible.ledger import MAX_PAGE, send_item
from confrere.api.compatible.plain_sends import MISSING as MISSING_DESTINATION
from confrere.api.compatible.plain_sends import NO_ATTACHMENTS, NO_SUBJECT, ONE_CHANNEL
from confrere.api.compatible.sends import MISSING
from confrere.api.health import Alive, Readiness
from confrere.api.reference.shared_examples import (
    ACCOUNT_FORM,
    ACCOUNT_ID,
    ANNA,
    CONVERSATION_URN,
    ECHO,
    GROUP,
    MESSAGE_URN,
    MIDNIGHT,
    NO_SUCH_ACCOUNT,
    NO_SUCH_SEND,
    NOW,
    OUTCOME_NAME,
    QUOTA,
    QUOTAS,
    RECIPIENT,
    SEND,
    TEXT,
    Examples,
    Shown,
)
from confrere.api.request import ONE_ACCOUNT
from confrere.api.shared_bodies import Body, quota_item, send_fields
from confrere.domain import errors
from confrere.domain.attempt import Unreadable
from confrere.domain.conversation import ContentKind, Conversation, Participant, ThreadMessage
from confrere.domain.errors import InvalidField
from confrere.domain.group import Group, GroupMember, MembershipStatus, MembersQuery, Page, Relationship
from confrere.domain.ids import PLACEHOLDER_FORM
from confrere.domain.limits import GROUP_MEMBERS_PER_DAY, MESSAGES_PER_DAY_CEILING, Action, Quota
from confrere.domain.message import MAX_CHARACTERS
from confrere.domain.outcome import OPTED_OUT, Accepted, NotSent, Outcome, OutcomeName, Refused, Unknown
from confrere.domain.pacing import LimitName
from confrere.domain.person import PERSON_FORM, ConversationWith
from confrere.domain.remedies import CONNECT_THOSE_IN_ERROR
from confrere.domain.urns import CONVERSATION_FORM, GROUP_FORM, VANITY_FORM, GroupId, ProfileUrn
from confrere.http.answer import Answer
from confrere.http.body_fields import KEY_IN_BODY
from confrere.http.query_params import EPOCH_FORM
from confrere.inbox import ConversationsPage, MessagesPage
from confrere.inbox.mailbox import ANOTHER_MAILBOX, BAD_CURSOR, NOT_MARKED
from confrere.sending import Reading
from confrere.sending.conversations import (
    ANOTHER_MAILBOX as ANOTHER_SENDER,
)
from confrere.sending.conversations import (
    ANOTHER_PERSON,
    NO_CONVERSATION,
    NO_SINGLE_PERSON,
    UNKNOWN_PERSON,
)

_HELD_UNTIL = NOW.replace(hour=10)

# ---- sends ------------------------------------------------------------------------------------------------------


def _ended(outcome: Outcome) -> Answer:
    return answer_for_outcome(outcome, ECHO, QUOTA, hold_until=None, now=NOW)


_SAME_FORMS = frozenset(
    {"recipientForm", "messageLength", "accountForm", "keyInBody", "keyIsPlaceholder", "anotherAccount"}
    | {"accountDisabled"}
)
_SAME_LIMITS = frozenset({"keyInUse", "keyReused", "usedUp", "limitIsZero", "tooFast", "held", "noCredentials"})
"""The answers of a group's send that a plain one has as well."""

_SEND: Examples = {
    "sent": _ended(Accepted(MESSAGE_URN, CONVERSATION_URN)),
    "missing": errors.MissingFields(MISSING),
    "oneMissing": errors.MissingFields(MISSING, ["message"]),
    "recipientForm": InvalidField("recipientProfileUrn", VANITY_FORM),
    "groupForm": InvalidField("groupId", GROUP_FORM),
    "messageLength": InvalidField("message", f"must be at most {MAX_CHARACTERS:,} characters long, but has 8,001"),
    "accountForm": ACCOUNT_FORM,
    "keyInBody": InvalidField("idempotencyKey", KEY_IN_BODY),
    "keyIsPlaceholder": InvalidField("Idempotency-Key", PLACEHOLDER_FORM),
    "anotherAccount": InvalidField("X-Account-Id", ONE_ACCOUNT),
    "accountDisabled": errors.AccountDisabled(ACCOUNT_ID, QUOTA),
    "refused": _ended(
        Refused(403, "Forbidden", "UNAUTHORIZED_VIEWER", "The viewer is not authorized to access this resource")
    ),
    "optedOut": _ended(OPTED_OUT),
    "refusedOtherwise": _ended(Refused(404, "Not Found", "RESOURCE_NOT_FOUND", "The recipient cannot be found")),
    "keyInUse": errors.KeyInUse(QUOTA),
    "keyReused": errors.KeyReused(QUOTA),
    "usedUp": errors.QuotaUsedUp(Quota(Action.MESSAGE, MESSAGES_PER_DAY_CEILING, MESSAGES_PER_DAY_CEILING, MIDNIGHT)),
    "limitIsZero": errors.LimitIsZero(Quota(Action.MESSAGE, 0, 0, MIDNIGHT)),
    "tooFast": errors.TooFast(LimitName.WRITES_PER_MINUTE, 4, 4, NOW + timedelta(seconds=21), QUOTA),
    "held": held_answer(_HELD_UNTIL, QUOTA, NOW),
    "noCredentials": errors.NoSession(ACCOUNT_ID, QUOTA),
    "notSent": _ended(NotSent("no connection to LinkedIn could be made")),
    "unknown": _ended(Unknown("LinkedIn did not answer in time")),
    "notInTime": Answer(500, bodies.SendFailed(error=f"{SEND_ERROR}no answer within 24 s", outcome="unknown")),
}


def _plain(outcome: Outcome, conversation_urn: str | None = CONVERSATION_URN) -> Answer:
    return answer_for_outcome(outcome, PlainEcho(RECIPIENT, conversation_urn), QUOTA, hold_until=None, now=NOW)


_PLAIN: Examples = {
    "sent": _plain(Accepted(MESSAGE_URN, CONVERSATION_URN)),
    "missing": errors.MissingFields(MISSING_DESTINATION),
    "oneMissing": errors.MissingFields(MISSING_DESTINATION, ["message"]),
    "conversationForm": InvalidField("conversationUrn", CONVERSATION_FORM),
    "anotherMailbox": InvalidField("conversationUrn", ANOTHER_SENDER),
    "noConversation": InvalidField("conversationUrn", NO_CONVERSATION),
    "groupChat": InvalidField("conversationUrn", NO_SINGLE_PERSON),
    "anotherPerson": InvalidField("recipientProfileUrn", ANOTHER_PERSON),
    "subject": InvalidField("subject", NO_SUBJECT),
    "attachments": InvalidField("attachments", NO_ATTACHMENTS),
    "channel": InvalidField("messagingChannel", ONE_CHANNEL),
    **{name: shown for name, shown in _SEND.items() if name in _SAME_FORMS},
    "unknownAccount": NO_SUCH_ACCOUNT,
    "unknownPerson": errors.NotFound(UNKNOWN_PERSON),
    "refused": _plain(Refused(422, "Unprocessable Entity", "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY", None)),
    "notReachable": _plain(Refused(422, "Unprocessable Entity", None, None), None),
    "optedOut": _plain(OPTED_OUT),
    **{name: shown for name, shown in _SEND.items() if name in _SAME_LIMITS},
    "notSent": _plain(NotSent("the conversation with the recipient could not be looked for: LinkedIn did not answer")),
    "unknown": _plain(Unknown("LinkedIn did not answer in time")),
    "notInTime": Answer(500, bodies.SendFailed(error=f"{PLAIN_SEND_ERROR}no answer within 24 s", outcome="unknown")),
}
_SENT = msgspec.structs.asdict(bodies.Sent(recipient_profile_urn=RECIPIENT, group_id=GROUP))

# ---- reads of LinkedIn ------------------------------------------------------------------------------------------


def _reads(prefix: str, quota: Quota) -> Examples:
    """Return the answers where LinkedIn refuses, throttles or is unreadable. prefix: of the error texts."""

    def unread(said: Refused | Unreadable) -> Answer:
        return answer_for_failed_read(Reading(ACCOUNT_ID, said, quota), prefix, NOW)

    old = "Request failed with status code 400: the query id voyagerExample.0123456789abcdef0123456789abcdef looks old"
    return {
        "refused": unread(Refused(403, "Forbidden", None, "You don't have access to this")),
        "held": held_answer(_HELD_UNTIL, quota, NOW),
        "noCredentials": errors.NoSession(ACCOUNT_ID, quota),
        "notRead": unread(Unreadable("LinkedIn did not answer in time")),
        "oldQueryId": unread(
            Unreadable(f"{old}; put a newer one into the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names")
        ),
    }


def _conversation(urn: str | None) -> Answer:
    return Answer(200, conversation_body(ACCOUNT_ID, ConversationWith(ProfileUrn(RECIPIENT), urn)), QUOTA)


_PLAIN_READS = _reads(PLAIN_SEND_ERROR, QUOTA)
"""Before a plain message: of the person with a vanity name, of the conversation's participants."""

# ---- conversations ----------------------------------------------------------------------------------------------

_BASTIEN = Participant(ProfileUrn(RECIPIENT), "Bastien", "Exemple", "Head of Procurement at Example Co")
_ANNA = Participant(ProfileUrn(ANNA.profile_urn), "Anna", "Lindqvist", "Buyer")
_REPLY = ThreadMessage(
    "urn:li:msg_message:(urn:li:fsd_profile:ACoAABtq3u0B,2-MTc3MzQ3ODg4MA==)",
    _BASTIEN,
    "Glad to. See the attached file.",
    (ContentKind.FILE,),
    1_773_478_880_120,
)
_FIRST_MESSAGE = ThreadMessage(MESSAGE_URN, _ANNA, TEXT, (), 1_773_478_843_128)
_CONVERSATION = Conversation(
    CONVERSATION_URN, (_ANNA, _BASTIEN), _REPLY.delivered_at_ms, unread_count=1, last_message=_REPLY
)
_MAILBOX_COUNT = InvalidField("count", f"must be a whole number from 1 to {MAX_COUNT}")
_CONVERSATION_FORMS: Examples = {
    "conversationForm": InvalidField("conversationUrn", CONVERSATION_FORM),
    "anotherMailbox": InvalidField("conversationUrn", ANOTHER_MAILBOX),
    "accountForm": ACCOUNT_FORM,
}


def _mailbox_reads(prefix: str) -> Examples:
    """The answers of a mailbox, which LinkedIn does not refuse to its owner."""
    return {name: shown for name, shown in _reads(prefix, QUOTA).items() if name != "refused"}


# ---- groups -----------------------------------------------------------------------------------------------------

_GROUP_URL = f"https://www.linkedin.com/groups/{GROUP}/"
_GROUP_ID = GroupId(GROUP)
_MEMBERS_USED = Quota(Action.GROUP_MEMBERS, GROUP_MEMBERS_PER_DAY, 96, MIDNIGHT)
_MEMBERS_USED_UP = Quota(Action.GROUP_MEMBERS, GROUP_MEMBERS_PER_DAY, GROUP_MEMBERS_PER_DAY, MIDNIGHT)
_MEMBER = GroupMember(
    profile_urn=RECIPIENT,
    entity_urn=f"urn:li:fsd_groupMembership:(urn:li:fsd_group:{GROUP},{RECIPIENT})",
    public_id="bastien-exemple",
    first_name="Bastien",
    last_name="Exemple",
    headline="Head of Procurement at Example Co",
    picture="https://media.licdn.com/dms/image/v2/example/profile-displayphoto-shrink_400_400/0",
    follower_count=512,
    status=MembershipStatus.MEMBER,
    relationship=Relationship.NO_CONNECTION,
    premium=True,
)
_PAGE = Page((_MEMBER,), places=2, total=1288)
_GROUP = Group(
    urn=f"urn:li:fsd_group:{GROUP}",
    group_id=GROUP,
    name="Logistics and Procurement",
    member_count=1288,
    status=MembershipStatus.MEMBER,
    logo=None,
)
_GROUPS = groups_body(ACCOUNT_ID, Page((_GROUP,), places=1, total=1, is_last=True), 0)
_COUNT_RANGE = InvalidField("count", f"must be a whole number from 1 to {MAX_COUNT}")
_FORMS: Examples = {
    "groupForm": InvalidField("groupId", GROUP_FORM),
    "urlForm": InvalidField("groupUrl", "must be the URL of a group: https://www.linkedin.com/groups/<digits>/"),
    "differentGroups": InvalidField("groupUrl, groupUrn and groupId", "must name the same group"),
}


def _members(body: Body, missing: str, *forms: str) -> Examples:
    """Return the answers of an operation that reads members. forms: which ones of `_FORMS` apply."""
    return {
        "page": Answer(200, body, _MEMBERS_USED),
        "missing": errors.MissingFields(missing),
        **{name: _FORMS[name] for name in forms},
        "countRange": _COUNT_RANGE,
        "statusName": InvalidField("membershipStatuses", f"must be a list of {', '.join(MembershipStatus)}"),
        "accountForm": ACCOUNT_FORM,
        "usedUp": errors.QuotaUsedUp(_MEMBERS_USED_UP),
        **_reads(MEMBERS_ERROR, _MEMBERS_USED),
    }


# ---- accounts, ledger, server -----------------------------------------------------------------------------------

_UNKNOWN = msgspec.structs.replace(
    send_item(SEND),
    id="019cea5a81c07d1c9a3fb0c6d9112e4f",
    request_id="3f0d6c1ba95e4b50a7f2c08d41e6b9aa",
    outcome=OutcomeName.UNKNOWN,
    reason="LinkedIn did not answer in time",
    message_urn=None,
    conversation_urn=None,
    created_at="2026-03-14T08:59:58.208Z",
    settled_at="2026-03-14T09:00:18.214Z",
)
_SENDS = bodies.SendList(account_id=ACCOUNT_ID, sends=[send_item(SEND), _UNKNOWN], next_cursor="AZzqWoHAfRyaP7DG2REuTw")
_ONE_SEND = bodies.OneSend(account_id=ACCOUNT_ID, send=bodies.SendDetail(**send_fields(SEND), message=TEXT))


def _not_found(error: object) -> Shown:
    return Answer(404, bodies.Unknown(error=str(error)))


def _readiness(status: int = 200, **checks: str) -> Answer:
    every = {"store": "ok", "worker": "ok", "accounts": "ok", **checks}
    return Answer(status, Readiness(status="ok" if status == 200 else "not ready", checks=every))


EXAMPLES: Mapping[str, Examples] = {
    "sendGroupMessage": _SEND,
    "sendGroupMessageWithTyping": {
        **_SEND,
        "sent": Answer(200, bodies.SentAfterTyping(**_SENT, typing_indicator_sent=True), QUOTA),
    },
    "sendGroupMessageWithAcknowledgment": {
        **_SEND,
        "sent": Answer(200, bodies.SentAfterAcknowledging(**_SENT, acknowledgment_sent=True), QUOTA),
    },
    "sendPlainMessage": {
        **_PLAIN,
        "personNotShown": _PLAIN_READS["refused"],
        "notRead": _PLAIN_READS["notRead"],
        "oldQueryId": _PLAIN_READS["oldQueryId"],
    },
    "findConversation": {
        "exists": _conversation(CONVERSATION_URN),
        "none": _conversation(None),
        "profileForm": InvalidField("profileId", PERSON_FORM),
        "accountForm": ACCOUNT_FORM,
        "unknownPerson": NO_SUCH_PERSON,
        **_reads(CONVERSATION_ERROR, QUOTA),
    },
    "listConversations": {
        "page": Answer(
            200, conversations_body(ConversationsPage(ANNA, [_CONVERSATION], "Zn3tq0c2bGlua2VkaW4tY3Vyc29y")), QUOTA
        ),
        "mailboxCountRange": _MAILBOX_COUNT,
        "nextCursor": InvalidField("nextCursor", BAD_CURSOR),
        "accountForm": ACCOUNT_FORM,
        **_mailbox_reads(MAILBOX_ERROR),
    },
    "listMessages": {
        "page": Answer(200, messages_body(MessagesPage(ANNA, [_REPLY, _FIRST_MESSAGE], None)), QUOTA),
        **_CONVERSATION_FORMS,
        "messageCountRange": _MAILBOX_COUNT,
        "messageCursor": InvalidField("cursor", EPOCH_FORM),
        **_mailbox_reads(MESSAGES_ERROR),
    },
    "markSeen": {
        "seen": Answer(200, MarkedSeen(account_id=ACCOUNT_ID, conversation_urn=CONVERSATION_URN), QUOTA),
        "missing": errors.MissingFields(MISSING_CONVERSATION),
        **_CONVERSATION_FORMS,
        "held": held_answer(_HELD_UNTIL, QUOTA, NOW),
        "noCredentials": errors.NoSession(ACCOUNT_ID, QUOTA),
        "notAccepted": answer_for_failed_read(Reading(ACCOUNT_ID, NOT_MARKED, QUOTA), SEEN_ERROR, NOW),
    },
    "listGroupMembers": _members(members_body(ACCOUNT_ID, GROUP, _PAGE, 0), MISSING_ID, "groupForm"),
    "listGroupMembersByUrl": _members(
        members_by_url_body(ACCOUNT_ID, _GROUP_URL, _GROUP_ID, _PAGE, 0), MISSING_URL, "urlForm"
    ),
    "listGroupMembersOlder": _members(
        older_members_body(ACCOUNT_ID, MembersQuery(_GROUP_ID), _PAGE, 0), MISSING_ANY, *_FORMS
    ),
    "listGroups": {
        "page": Answer(200, _GROUPS, QUOTA),
        "countRange": _COUNT_RANGE,
        "accountForm": ACCOUNT_FORM,
        **_reads(GROUPS_ERROR, QUOTA),
    },
    "listSends": {
        "page": _SENDS,
        "limitRange": InvalidField("limit", f"must be a whole number from 1 to {MAX_PAGE}"),
        "outcomeName": OUTCOME_NAME,
        "unknownAccount": NO_SUCH_ACCOUNT,
    },
    "readSend": {"send": _ONE_SEND, "unknownSend": NO_SUCH_SEND},
    "listAccounts": {"accounts": [account_item(ANNA)]},
    "readRecentAccountStatus": {
        "status": account_status(ANNA),
        "unknownAccount": _not_found(NO_SUCH_ACCOUNT),
        "noAccount": _not_found("No account is connected in this workspace"),
    },
    "readAccountStatus": {"status": account_status(ANNA), "unknownAccount": _not_found(NO_SUCH_ACCOUNT)},
    "readAccountQuota": {
        "quotas": bodies.QuotaList(account_id=ACCOUNT_ID, quotas=[quota_item(quota) for quota in QUOTAS]),
        "unknownAccount": NO_SUCH_ACCOUNT,
    },
    "readOpenapi": {},
    "readHealth": {"alive": Alive()},
    "readReadiness": {
        "ready": _readiness(),
        "needAttention": _readiness(accounts=f"1 need attention, their sessions are dead: {CONNECT_THOSE_IN_ERROR}"),
        "noWorker": _readiness(503, worker="no worker runs: unknown sends are not reconciled"),
        "storeUnavailable": errors.StoreUnavailable(),
    },
    "readMetrics": {},
}
