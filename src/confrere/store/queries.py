"""SQL by name: `sql/shared/<subject>.sql` for both engines, `sql/<engine>.sql` for its own."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from confrere.store.rows import COLUMNS

_QUERY = re.compile(r"^-- name: (\w+)\n((?:-- [^\n]*\n)+)(.*?);$", re.MULTILINE | re.DOTALL)
_PARAMETER = re.compile(r"(?<!:):([a-z]\w*)")  # not the type of a cast, `::text`


_SKIP_REASON: Final = """CASE
    WHEN EXISTS (SELECT 1 FROM do_not_contact d WHERE d.workspace_id = p.workspace_id AND d.recipient = p.recipient)
      THEN 'do_not_contact'
    WHEN EXISTS (SELECT 1 FROM campaign_people o
      WHERE o.recipient = p.recipient AND o.workspace_id = p.workspace_id AND o.status = 'replied')
      THEN 'replied_before'
    WHEN EXISTS (SELECT 1 FROM replies r WHERE r.recipient = p.recipient AND r.workspace_id = p.workspace_id)
      THEN 'replied_before'
    WHEN EXISTS (SELECT 1 FROM sends s
      WHERE s.recipient = p.recipient AND s.holds_unit = 1 AND s.workspace_id = p.workspace_id
        AND s.outcome = 'accepted')
      THEN 'already_written_to'
    WHEN EXISTS (SELECT 1 FROM accounts a WHERE a.workspace_id = p.workspace_id AND a.profile_urn = p.recipient)
      THEN 'own_account'
  END"""
"""Why the person `p` is not to be written to, the first reason that applies; null where nothing is known against it.

What a check foresees and what a reservation finds are one and the same.
"""

_SEND_FILTER: Final = """id < COALESCE(CAST(:before_id AS TEXT), 'g')
  AND (CAST(:outcome AS TEXT) IS NULL OR outcome = :outcome)
  AND (CAST(:group_id AS TEXT) IS NULL OR group_id = :group_id)
  AND (CAST(:recipient AS TEXT) IS NULL OR recipient = :recipient)
  AND (CAST(:since AS BIGINT) IS NULL OR created_at >= :since)
  AND (CAST(:until AS BIGINT) IS NULL OR created_at < :until)"""
"""What lists of sends are filtered by. Identifiers are hexadecimal, so 'g' is after all of them; with OR in its place
every page would be searched from the newest row on.
"""
_JSON_OBJECT: Final = {"sqlite": "json_object", "postgresql": "json_build_object"}

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
    """Load all queries by name. SQLite writes `?1` for `$1`, and needs no row locks, since its writer is alone.

    It is told by INDEXED BY which index to take where it would not see that few rows are in it; PostgreSQL sees that.
    """
    found = {}
    for name, sql in _read_queries(engine):
        parameters = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
        numbered = _PARAMETER.sub(lambda match: f"${parameters.index(match[1]) + 1}", sql)  # noqa: B023  # used at once
        if engine == "sqlite":
            numbered = re.sub(r"\s+FOR UPDATE( SKIP LOCKED)?", "", re.sub(r"\$(\d+)", r"?\1", numbered))
        else:
            numbered = re.sub(r"\s+INDEXED BY \w+", "", numbered)
        found[name] = Statement(numbered, parameters)
    return found


def _read_queries(engine: str) -> Iterator[tuple[str, str]]:
    """A query of more than five values names them (`:account_id`), others number them (`$1`).

    `{send}`, `{account}` … stand for the columns that `rows` decodes, `{skip_reason}` and `{send_filter}` for the
    expressions above, `{json_object}` for the engine's function of this kind.
    Raises ValueError where two have one name.
    """
    folder = files("confrere.store") / "sql"
    seen = set()
    for file in (*sorted((folder / "shared").iterdir(), key=lambda one: one.name), folder / f"{engine}.sql"):
        for name, _, sql in _QUERY.findall(file.read_text("utf-8")):
            if name in seen:
                raise ValueError(f"two queries are named {name}")
            seen.add(name)
            spelling = {
                "skip_reason": _SKIP_REASON,
                "send_filter": _SEND_FILTER,
                "json_object": _JSON_OBJECT[engine],
            }
            for kind, columns in (COLUMNS | spelling).items():
                sql = sql.replace(f"{{{kind}}}", columns)
            yield name, sql
