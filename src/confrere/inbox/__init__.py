"""What recipients answer: reading conversations, polling mailboxes, and which messages are replies to which sends."""

from confrere.inbox.mailbox import ConversationsPage, MailboxReader, MessagesPage
from confrere.inbox.poller import MailboxPoller
from confrere.inbox.received import ReceivedReplies, ReplyTarget
from confrere.inbox.replies import FoundReply, classify_replies

__all__ = [
    "ConversationsPage",
    "FoundReply",
    "MailboxPoller",
    "MailboxReader",
    "MessagesPage",
    "ReceivedReplies",
    "ReplyTarget",
    "classify_replies",
]
