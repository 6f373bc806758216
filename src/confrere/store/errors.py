"""Errors of opening a database; the text of each names the remedy.

ConfrereError
└── CannotOpenStore
    ├── MigrationPending    the database is older than the code
    ├── DatabaseIsNewer     the database is newer than the code
    ├── StoreMissing        there is no database file
    ├── SecretKeyMissing    there is a database, and no key for what is stored
    └── WrongSecretKey      what is stored was encrypted with another key
"""

from pathlib import Path

from confrere.domain.errors import ConfrereError


class CannotOpenStore(ConfrereError):
    """The store cannot be used as it is configured; the text names the remedy."""


class MigrationPending(CannotOpenStore):
    """The database lacks migrations that this version of the code needs."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"The database has pending migrations ({', '.join(names)}): run `confrere migrate`, then start"
        )
        self.names = names


class DatabaseIsNewer(CannotOpenStore):
    """A newer version of the code has migrated the database; this one would not understand it."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"The database is at migration {found:04}, this version of confrere knows only up to {known:04}: "
            "start the newer version, or restore the backup made before it migrated"
        )


class StoreMissing(CannotOpenStore):
    """There is no file where the store should be."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no store at {path}: CONFRERE_DATA_DIR (a folder) or CONFRERE_DATABASE_URL names its place. "
            "`confrere up` and `confrere migrate` make one; in a data folder `confrere accounts connect` does, too"
        )


class SecretKeyMissing(CannotOpenStore):
    """The key file that belongs to the database is not there; a new key could read nothing of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"There is no key file at {path}, and the secrets in this database were encrypted with its key: put the "
            "file back, or set CONFRERE_DATA_DIR to its folder, or CONFRERE_SECRET_KEYS to its content"
        )


class WrongSecretKey(CannotOpenStore):
    """The present secret keys cannot read what is stored."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"The secrets in this database were encrypted with a key that is not in {source}: "
            "put the key back that it was made with, beside or instead of the present one"
        )
