"""SQL behind the store's back."""

import apsw
import asyncpg


async def run_sql(url: str, sql: str) -> list[tuple[object, ...]]:
    """Run SQL without the store."""
    if url.startswith("sqlite"):
        connection = apsw.Connection(url.removeprefix("sqlite://"))
        rows: list[tuple[object, ...]] = connection.execute(sql).fetchall()
        connection.close()
        return rows
    server = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await server.fetch(sql)]
    finally:
        await server.close()
