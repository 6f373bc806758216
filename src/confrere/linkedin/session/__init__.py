"""A session's cookies, and the copies from a browser from which a session is made."""
