"""SQL by name: `sql/shared/<subject>.sql` for both engines, `sql/<engine>.sql` for what only one of them says so."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

from confrere.store.rows import COLUMNS

_QUERY = re.compile(r"^-- name: (\w+)\n((?:-- [^\n]*\n)+)(.*?);$", re.MULTILINE | re.DOTALL)
_PARAMETER = re.compile(r"(?<!:):([a-z]\w*)")  # not the type of a cast, `::text`


class Statement(NamedTuple):
    """One query in its engine's spelling.

    parameters:  their names, in the order of their numbers; empty where the query numbers them itself.
    """

    sql: str
    parameters: tuple[str, ...] = ()


def load_sqlite_queries() -> dict[str, str]:
    """Load all queries in SQLite's spelling, by name: `?1` for `$1`, and no row locks, since its writer is alone."""
    return {
        name: re.sub(r"\s+FOR UPDATE( SKIP LOCKED)?", "", re.sub(r"\$(\d+)", r"?\1", sql))
        for name, sql in _read_queries("sqlite")
    }


def load_postgresql_queries() -> dict[str, Statement]:
    """Load all queries in PostgreSQL's spelling, by name: named parameters are numbered."""
    return {name: _number(sql) for name, sql in _read_queries("postgresql")}


def _number(sql: str) -> Statement:
    names = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
    return Statement(_PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", sql), names)


def _read_queries(engine: str) -> Iterator[tuple[str, str]]:
    """A query of more than five values names them (`:account_id`), others number them (`$1`).

    `{send}`, `{account}` … stand for the columns that `rows` decodes. Raises ValueError where two have one name.
    """
    folder = files("confrere.store") / "sql"
    seen = set()
    for file in (*sorted((folder / "shared").iterdir(), key=lambda one: one.name), folder / f"{engine}.sql"):
        for name, _, sql in _QUERY.findall(file.read_text("utf-8")):
            if name in seen:
                raise ValueError(f"two queries are named {name}")
            seen.add(name)
            for kind, columns in COLUMNS.items():
                sql = sql.replace(f"{{{kind}}}", columns)
            yield name, sql
