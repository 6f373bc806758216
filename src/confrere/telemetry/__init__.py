"""Structured logs without secrets, and metrics."""
