"""The console: pages for the people who look, choose, approve and answer. They call the use cases that `/v1` calls."""
