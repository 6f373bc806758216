"""What the processes tell about themselves: logs without secrets, and metrics."""
