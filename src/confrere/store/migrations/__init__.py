"""Numbered changes of the schema. A released one is never edited; the next is a new file.

`NNNN_name.sql` is for both engines; `NNNN_name.<engine>.sql`, where it exists, runs after it on that engine. SQLite's
`WITHOUT ROWID`, which PostgreSQL does not have, is left out there. PostgreSQL's functions are no migration: each
`migrate` creates them anew, from one file that may be edited.
"""

import re
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

from confrere.store.errors import DatabaseIsNewer, MigrationPending
from confrere.store.queries import load_queries

_FILE = re.compile(r"(\d{4})_(\w+)(?:\.(sqlite|postgresql))?\.sql")


class Migration(NamedTuple):
    """One numbered change, in the SQL of one engine."""

    number: int
    name: str
    sql: str


@cache
def load_migrations(engine: str) -> tuple[Migration, ...]:
    """Return all migrations of the engine, in order."""
    parts: dict[tuple[int, str], list[str]] = {}
    for file in sorted(
        files(__name__).iterdir(), key=lambda file: (file.name[:4], len(file.name))
    ):  # common part first
        match = _FILE.fullmatch(file.name)
        if match and match[3] in (None, engine):
            parts.setdefault((int(match[1]), f"{match[1]}_{match[2]}"), []).append(
                _spell(file.read_text("utf-8"), engine)
            )
    return tuple(Migration(number, name, "\n".join(sqls)) for (number, name), sqls in parts.items())


class Functions(NamedTuple):
    """The functions of the hot path on PostgreSQL. version: of their text, kept as a comment on one of them."""

    sql: str
    version: str


@cache
def load_functions() -> Functions:
    """Return the functions that this version of the code needs."""
    sql = (files("confrere.store") / "sql" / "functions.sql").read_text("utf-8")
    for name, query in load_queries("postgresql").items():
        sql = sql.replace(f"{{{name}}}", query.sql)
    version = sha256(sql.encode()).hexdigest()[:16]
    return Functions(f"{sql}\nCOMMENT ON FUNCTION reserve_send IS '{version}';", version)


def check_functions(version: str | None) -> None:
    """Raises MigrationPending, unless the database's functions are what this code needs."""
    if version != load_functions().version:
        raise MigrationPending(["functions"])


def _spell(sql: str, engine: str) -> str:
    return sql if engine == "sqlite" else sql.replace(") WITHOUT ROWID;", ");")


def missing_after(number: int, migrations: Sequence[Migration]) -> list[Migration]:
    """Return the migrations that a database at `number` lacks. Raises DatabaseIsNewer where it has others."""
    newest = migrations[-1].number
    if number > newest:
        raise DatabaseIsNewer(number, newest)
    return [migration for migration in migrations if migration.number > number]


def check_migrations(number: int, engine: str) -> None:
    """Raises MigrationPending or DatabaseIsNewer, unless the database at `number` is what this code needs."""
    if missing := missing_after(number, load_migrations(engine)):
        raise MigrationPending([migration.name for migration in missing])
