"""What tests/ and verification/ share: the fixtures of a PostgreSQL server."""

pytest_plugins = ["tests.postgres"]
