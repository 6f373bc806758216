"""What recipients answer: which messages of a conversation are replies to which sends."""

from confrere.inbox.replies import Reply, classify_replies

__all__ = ["Reply", "classify_replies"]
