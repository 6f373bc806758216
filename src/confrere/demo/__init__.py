"""What only the sandbox has: its control API, and the demonstration that kills a server in the midst of a campaign."""
