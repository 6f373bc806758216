"""Campaigns without I/O: texts, audiences, the check before a start, and its forecast."""
