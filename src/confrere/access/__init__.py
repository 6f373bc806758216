"""Who may come in: API keys, and how often a key may call."""
