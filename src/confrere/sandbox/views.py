"""The JSON of members, threads and messages, as the mailbox owner sees them.

All of it is built in the plain form, types under `_type`; `normalize` converts it to the normalized one.
Source: LinkedIn web client, attested for the keys of threads and messages; see the `Source:` of each view.
"""

from typing import Any, Final

from confrere.sandbox.conversations import Conversation, Conversations, Message, MessageKind
from confrere.sandbox.people import People

Json = dict[str, Any]

MESSENGER: Final = "com.linkedin.messenger"

_NO_CONTENT: Final[Json] = dict.fromkeys(
    (
        "vectorImage",
        "audio",
        "video",
        "file",
        "externalMedia",
        "hostUrnData",
        "forwardedMessageContent",
        "repliedMessageContent",
        "videoMeeting",
        "awayMessage",
    )
)
"""The members of an item of `renderContent`, of which one is not null. Source: public code of several clients."""

_IMAGE: Final = {"rootUrl": "https://media.example/sandbox/", "artifacts": []}
_CONTENTS: Final[dict[MessageKind, Json]] = {
    "image": {"vectorImage": _IMAGE},
    "voice": {"audio": {"duration": 4000, "url": "https://media.example/sandbox/voice.mp4"}},
    "file": {"file": {"name": "brochure.pdf", "mediaType": "application/pdf", "byteSize": 1024, "url": ""}},
    "share": {"hostUrnData": {"hostUrn": "urn:li:activity:7300000000000000000", "type": "FEED_UPDATE"}},
}
"""The item of each kind of message. Source: the members' names attested, their content assumed."""


class Views:
    """The views of one world."""

    def __init__(self, people: People, conversations: Conversations) -> None:
        self.people = people
        self.world = people.world
        self.conversations = conversations

    def sent(self, message: Message) -> Json:
        """Return the nine fields of `createMessage`'s answer. Source: attested, for new and existing threads."""
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
        """Return a member of a thread. Source: attested once; `distance` beyond `SELF` and `DISTANCE_1` assumed."""
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
        """Return the distance of a member from the viewer."""
        if member == viewer:
            return "SELF"
        return "DISTANCE_1" if self.people.connected(member, viewer) else "DISTANCE_2"

    def message(self, message: Message, owner: int) -> Json:
        """Return a message as the mailbox owner sees it.

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
            "messageBodyRenderFormat": "SYSTEM" if message.kind == "system" else "DEFAULT",
            "renderContent": [{**_NO_CONTENT, **content}] if (content := _CONTENTS.get(message.kind)) else [],
            "reactionSummaries": [],
        }

    def announced(self, message: Message, owner: int) -> Json:
        """Return a message as the event stream sends it, with its thread. Source: attested."""
        return {**self.message(message, owner), "conversation": self.conversation(message.conversation, owner)}

    def conversation_urn(self, conversation: Conversation, owner: int) -> str:
        """Return the thread's URN in the owner's mailbox."""
        return f"urn:li:msg_conversation:({self.world.profile_urn(owner)},{conversation.thread_id})"

    def conversation(self, conversation: Conversation, owner: int) -> Json:
        """Return a thread as the mailbox owner sees it, with its last visible message.

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
        """Return the folders of a thread. Source: attested names; a request's folder on either side assumed."""
        if conversation.state == "PENDING" and conversation.creator != owner:
            return ["MESSAGE_REQUEST_PENDING"]
        return ["INBOX", "PRIMARY_INBOX"]


def normalize(value: Json) -> Json:
    """Convert a plain answer to the normalized form: entities in `included`, starred references in their place.

    Source: LinkedIn web client, attested: `$type` for `_type`, `"*key"` references, found by `entityUrn`.
    """
    included: dict[str, Json] = {}
    return {"data": _refer(value, included), "included": list(included.values())}


def _refer(value: Json, included: dict[str, Json]) -> Json:
    """Return `value` with the entities in it moved to `included`."""
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
    """Return a reference to `child` where it is an entity, else `child` with references to its own entities."""
    if "_type" not in child or "entityUrn" not in child:
        return False, _refer(child, included)
    urn = child["entityUrn"]
    if urn not in included:
        included[urn] = {}
        included[urn] = _refer(child, included)
    return True, urn
