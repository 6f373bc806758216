"""How members, threads and messages look in LinkedIn's answers, to the owner of the mailbox that is read.

Everything is built in the plain form, types under `_type`; `normalize` turns it into the normalized one.
Source: LinkedIn web client, attested for the keys of threads and messages; see the note beside each view.
"""

from typing import Any, Final

from confrere.sandbox.conversations import Conversation, Conversations, Message
from confrere.sandbox.people import People

Json = dict[str, Any]

MESSENGER: Final = "com.linkedin.messenger"


class Views:
    """The views of one world."""

    def __init__(self, people: People, conversations: Conversations) -> None:
        self.people = people
        self.world = people.world
        self.conversations = conversations

    def sent(self, message: Message) -> Json:
        """The nine keys that `createMessage` answers. Source: attested for a new thread and for an existing one."""
        owner = self.world.profile_urn(message.sender)
        message_id, thread_id = message.message_id, message.conversation.thread_id
        return {
            "renderContentUnions": [],
            "entityUrn": f"urn:li:msg_message:({owner},{message_id})",
            "backendUrn": f"urn:li:messagingMessage:{message_id}",
            "conversationUrn": f"urn:li:msg_conversation:({owner},{thread_id})",
            "backendConversationUrn": f"urn:li:messagingThread:{thread_id}",
            "senderUrn": f"urn:li:msg_messagingParticipant:{owner}",
            "originToken": message.origin_token,
            "body": {"attributes": [], "text": message.text},
            "deliveredAt": message.at_ms,
        }

    def participant(self, member: int, owner: int) -> Json:
        """A member of a thread. Source: attested once; `distance` beyond `SELF` and `DISTANCE_1` assumed."""
        profile = self.world.profile(member)
        return {
            "_type": f"{MESSENGER}.MessagingParticipant",
            "entityUrn": f"urn:li:msg_messagingParticipant:{profile.urn}",
            "hostIdentityUrn": profile.urn,
            "backendUrn": f"urn:li:member:{member}",
            "participantType": {
                "member": {
                    "firstName": {"text": profile.first_name, "attributes": []},
                    "lastName": {"text": profile.last_name, "attributes": []},
                    "headline": {"text": profile.headline, "attributes": []},
                    "profileUrl": f"https://www.linkedin.com/in/{profile.profile_id}",
                    "distance": self.distance(member, owner),
                },
                "organization": None,
                "custom": None,
            },
        }

    def distance(self, member: int, viewer: int) -> str:
        """How far a member is from the viewer."""
        if member == viewer:
            return "SELF"
        return "DISTANCE_1" if self.people.connected(member, viewer) else "DISTANCE_2"

    def message(self, message: Message, owner: int) -> Json:
        """A message as the owner of the mailbox reads it.

        Source: attested, also that only the owner's own messages carry an originToken.
        """
        urn, message_id = self.world.profile_urn(owner), message.message_id
        sender = self.participant(message.sender, owner)
        return {
            "_type": f"{MESSENGER}.Message",
            "entityUrn": f"urn:li:msg_message:({urn},{message_id})",
            "backendUrn": f"urn:li:messagingMessage:{message_id}",
            "backendConversationUrn": f"urn:li:messagingThread:{message.conversation.thread_id}",
            "conversation": {
                "_type": f"{MESSENGER}.Conversation",
                "entityUrn": self.conversation_urn(message.conversation, owner),
            },
            "body": {"text": message.text, "attributes": []},
            "subject": None,
            "deliveredAt": message.at_ms,
            "sender": sender,
            "actor": sender,
            "originToken": message.origin_token if message.sender == owner else None,
            "messageBodyRenderFormat": "DEFAULT",
            "renderContent": [],
            "reactionSummaries": [],
        }

    def announced(self, message: Message, owner: int) -> Json:
        """A message as the event stream tells of it: with its thread. Source: attested."""
        return {**self.message(message, owner), "conversation": self.conversation(message.conversation, owner)}

    def conversation_urn(self, conversation: Conversation, owner: int) -> str:
        """The thread's URN in the owner's mailbox."""
        return f"urn:li:msg_conversation:({self.world.profile_urn(owner)},{conversation.thread_id})"

    def conversation(self, conversation: Conversation, owner: int) -> Json:
        """A thread as the owner of the mailbox reads it, with its last visible message.

        Source: attested for the keys and the categories; assumed: `PENDING` for the sender of a group request.
        """
        visible = self.conversations.visible(conversation) or conversation.messages
        last = visible[-1]
        read_ms = conversation.last_read_ms.get(owner, 0)
        unread_count = sum(1 for message in visible if message.sender != owner and message.at_ms > read_ms)
        other = conversation.other(owner)
        return {
            "_type": f"{MESSENGER}.Conversation",
            "entityUrn": self.conversation_urn(conversation, owner),
            "backendUrn": f"urn:li:messagingThread:{conversation.thread_id}",
            "conversationUrl": f"https://www.linkedin.com/messaging/thread/{conversation.thread_id}/",
            "categories": self.categories(conversation, owner),
            "groupChat": False,
            "state": conversation.state,
            "title": None,
            "conversationParticipants": [self.participant(owner, owner), self.participant(other, owner)],
            "creator": self.participant(conversation.creator, owner),
            "createdAt": conversation.created_at_ms,
            "lastActivityAt": last.at_ms,
            "lastReadAt": read_ms or None,
            "read": unread_count == 0,
            "unreadCount": unread_count,
            "notificationStatus": "ACTIVE",
            "disabledFeatures": [],
            "messages": {"elements": [self.message(last, owner)]},
        }

    def categories(self, conversation: Conversation, owner: int) -> list[str]:
        """The folders that a thread lies in. Source: attested names; a request's folder on either side assumed."""
        if conversation.state == "PENDING" and conversation.creator != owner:
            return ["MESSAGE_REQUEST_PENDING"]
        return ["INBOX", "PRIMARY_INBOX"]


def normalize(value: Json) -> Json:
    """The normalized form of a plain answer: entities in `included`, starred references in their place.

    Source: LinkedIn web client, attested: `$type` for `_type`, `"*key"` references, found by `entityUrn`.
    """
    included: dict[str, Json] = {}
    return {"data": _refer(value, included), "included": list(included.values())}


def _refer(value: Json, included: dict[str, Json]) -> Json:
    """`value` with the entities below it taken out into `included`."""
    found: Json = {}
    for key, child in value.items():
        if key == "_type":
            found["$type"] = child
        elif isinstance(child, dict):
            starred, reference = _place(child, included)
            found[f"*{key}" if starred else key] = reference
        elif isinstance(child, list):
            places = [_place(item, included) if isinstance(item, dict) else (False, item) for item in child]
            starred = any(is_reference for is_reference, _ in places)
            found[f"*{key}" if starred else key] = [item for _, item in places]
        else:
            found[key] = child
    return found


def _place(child: Json, included: dict[str, Json]) -> tuple[bool, Any]:
    """A reference to `child` where it is an entity, else `child` with its own entities referred to."""
    if "_type" not in child or "entityUrn" not in child:
        return False, _refer(child, included)
    urn = child["entityUrn"]
    if urn not in included:
        included[urn] = {}
        included[urn] = _refer(child, included)
    return True, urn
