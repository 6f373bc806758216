"""SQL by name: one file for what both engines say alike, one for each engine's own."""

import re
from importlib.resources import files

from confrere.store.rows import COLUMNS

_QUERY = re.compile(r"^-- name: (\w+)\n((?:-- [^\n]*\n)+)(.*?);$", re.MULTILINE | re.DOTALL)


def load_queries(*names: str, for_sqlite: bool) -> dict[str, str]:
    """The queries of `sql/<name>.sql`, by name, in the engine's spelling.

    `{send}`, `{account}` … stand for the columns that `rows` decodes. PostgreSQL's `$1` is SQLite's `?1`; SQLite has
    no row locks and needs none, its writer is alone.
    """
    found: dict[str, str] = {}
    for name in names:
        text = (files("confrere.store") / "sql" / f"{name}.sql").read_text("utf-8")
        for match in _QUERY.finditer(text):
            if match[1] in found:
                raise ValueError(f"two queries are named {match[1]}")
            found[match[1]] = _spell(match[3], for_sqlite=for_sqlite)
    return found


def _spell(query: str, *, for_sqlite: bool) -> str:
    for name, columns in COLUMNS.items():
        query = query.replace(f"{{{name}}}", columns)
    if for_sqlite:
        query = re.sub(r"\s+FOR UPDATE( SKIP LOCKED)?", "", re.sub(r"\$(\d+)", r"?\1", query))
    return query
