"""Access: API keys, and calls per minute."""
