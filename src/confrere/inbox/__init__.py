"""What recipients answer: reading conversations, and which of their messages are replies to which sends."""

from confrere.inbox.mailbox import ConversationsPage, MailboxReader, MessagesPage
from confrere.inbox.replies import Reply, classify_replies

__all__ = ["ConversationsPage", "MailboxReader", "MessagesPage", "Reply", "classify_replies"]
