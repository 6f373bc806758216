"""Decrypted sessions are cached within the given memory."""

import tracemalloc

from confrere.domain.session import Session
from confrere.store.rows import session_from_json, session_to_json
from confrere.store.session_cache import SessionCache
from tests.contract.store.scene import Scene, session


def opened(number: int, version: int = 1) -> Session:
    """Build a decrypted session of a realistic size."""
    values = dict.fromkeys(("li_at", "JSESSIONID", "bcookie", "bscookie", "lidc"), f"{number:08d}" * 15)
    kept = Session(values, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", {"x-li-lang": "en_US"})
    return session_from_json(session_to_json(kept), f"account-{number}", version)


def test_least_recently_used_sessions_are_evicted() -> None:
    """A session that is used again and again is not evicted."""
    sessions = SessionCache(20_000)
    for number in range(100):
        sessions.put(opened(number))
        assert sessions.get("account-0", 1) == opened(0)
    kept = [number for number in range(100) if sessions.get(f"account-{number}", 1)]
    assert 10 < len(kept) < 20
    assert kept == [0, *range(101 - len(kept), 100)]


def test_cache_takes_no_more_memory_than_allowed() -> None:
    """The cache stays within its memory, by an estimate that is right within a tenth."""
    sessions = SessionCache(2_000_000)
    sessions.put(opened(0))
    tracemalloc.start()
    for number in range(5_000):
        sessions.put(opened(number))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 1_000_000 < taken < 2_200_000


def test_session_of_an_earlier_version_is_not_returned() -> None:
    """An older version is replaced by a newer one, and only that one's memory counts."""
    sessions = SessionCache(4_000)
    sessions.put(opened(1, version=3))
    assert sessions.get("account-1", 4) is None
    assert sessions.get("account-1", 0) is None
    for version in range(4, 20):
        sessions.put(opened(1, version))
        assert sessions.get("account-1", 4) == opened(1)
    sessions.put(opened(2))
    assert sessions.get("account-1", 4)
    sessions.remove("account-1")
    assert sessions.get("account-1", 4) is None


async def test_evicted_session_is_decrypted_again(scene: Scene) -> None:
    """A session that does not fit into the cache is decrypted at each use."""
    scene.store._sessions = SessionCache(0)
    account = await scene.store.read_account("default", None)
    for _ in range(2):
        assert await scene.store.read_session(account.id, account.session_version) == session()
