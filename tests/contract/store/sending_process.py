"""A process with an open store, for tests that kill it: it reserves the given claims, reports them, and waits.

Usage: python -m tests.contract.store.sending_process <url> <secret key> <what>…, where what is `reserved` or `settled`.
"""

import asyncio
import sys

from confrere.store import Vault, open_store
from tests.contract.store.scene import ACCEPTED, Scene


async def main(url: str, key: str, *whats: str) -> None:
    """Never ends by itself."""
    store = await open_store(url, vault=Vault([key]))
    scene = Scene(store)
    for what in whats:
        claim = await scene.reserve(text=what, idempotency_key=f"key of {what}")
        if what == "settled":
            await scene.settle(claim, ACCEPTED)
        print(claim.send_id, flush=True)  # noqa: T201  # read by the test
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
