"""A worker that kills itself while it collects: `python -m tests.faults.dying_collector POINT TIMES DATA_DIR URL NOW`.

It dies when it comes to the point for the TIMES-th time. NOW: what its clock says when it starts, so that a test need
not wait for leases; nothing of this is in the product.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from confrere.linkedin import LinkedInClient
from confrere.settings import Settings
from confrere.store import SqlStore
from tests.faults import dying_worker
from tests.server_process import OpenServices

POINTS: dict[str, tuple[type, str, bool]] = {
    "after claiming a collection": (SqlStore, "claim_collections", True),
    "after reading the group's name": (LinkedInClient, "read_groups", True),
    "after taking units": (SqlStore, "take_units", True),
    "after LinkedIn's page": (LinkedInClient, "read_group_members", True),
    "before giving units back": (SqlStore, "settle_units", False),
    "after giving units back": (SqlStore, "settle_units", True),
    "before writing a page": (SqlStore, "add_collected_page", False),
    "after writing a page": (SqlStore, "add_collected_page", True),
}


async def collect(settings: Settings, start: datetime) -> None:
    """Read page after page, until death."""
    ahead = timedelta()
    async with OpenServices(settings, clock=lambda: start + ahead) as services:
        for _ in range(20):
            await services.collector.run_due()
            await services.background.wait_until_idle()
            ahead += timedelta(seconds=6)


if __name__ == "__main__":
    point, times, data_dir, linkedin_url, database_url, now = sys.argv[1:]
    dying_worker.ALL_POINTS.update(POINTS)
    dying_worker.die_at(point, int(times))
    asyncio.run(
        collect(
            Settings(data_dir=Path(data_dir), database_url=database_url or None, linkedin_url=linkedin_url),
            datetime.fromisoformat(now).astimezone(UTC),
        )
    )
