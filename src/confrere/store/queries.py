"""SQL by name: `sql/shared/<subject>.sql` for both engines, `sql/<engine>.sql` for its own."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from confrere.store.rows import COLUMNS

_QUERY = re.compile(r"^-- name: (\w+)\n((?:-- [^\n]*\n)+)(.*?);$", re.MULTILINE | re.DOTALL)
_PARAMETER = re.compile(r"(?<!:):([a-z]\w*)")  # not the type of a cast, `::text`


Values = tuple[Any, ...] | Mapping[str, Any]
"""The values of a query: in the order of its parameters, or by their names."""


class Statement(NamedTuple):
    """One query in its engine's spelling, with numbered parameters.

    parameters:  their names in the order of their numbers; empty where the query numbers them itself.
    """

    sql: str
    parameters: tuple[str, ...]

    def bind(self, values: Values) -> tuple[Any, ...]:
        """Put values that are given by name in order. There may be more of them than the query has parameters."""
        return values if isinstance(values, tuple) else tuple([values[name] for name in self.parameters])


@cache
def load_queries(engine: str) -> Mapping[str, Statement]:
    """Load all queries by name. SQLite writes `?1` for `$1`, and needs no row locks, since its writer is alone."""
    found = {}
    for name, sql in _read_queries(engine):
        parameters = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
        numbered = _PARAMETER.sub(lambda match: f"${parameters.index(match[1]) + 1}", sql)  # noqa: B023  # used at once
        if engine == "sqlite":
            numbered = re.sub(r"\s+FOR UPDATE( SKIP LOCKED)?", "", re.sub(r"\$(\d+)", r"?\1", numbered))
        found[name] = Statement(numbered, parameters)
    return found


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
