"""Which engine a store's URL names."""


def is_postgresql(url: str) -> bool:
    """Whether this is the URL of a server's database."""
    return url.startswith(("postgresql://", "postgres://"))
