"""Opened sessions are kept for the next send, as many as fit into the memory given to them."""

import tracemalloc

from confrere.domain.session import Session
from confrere.store.rows import session_from_json, session_to_json
from confrere.store.session_cache import OpenedSessions
from tests.contract.store.scene import Scene, session


def opened(number: int, version: int = 1) -> Session:
    """A session as the store opens it, of the size that LinkedIn's have."""
    values = dict.fromkeys(("li_at", "JSESSIONID", "bcookie", "bscookie", "lidc"), f"{number:08d}" * 15)
    kept = Session(values, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", {"x-li-lang": "en_US"})
    return session_from_json(session_to_json(kept), f"account-{number}", version)


def test_those_used_longest_ago_make_room() -> None:
    """A session that is used again and again stays."""
    sessions = OpenedSessions(20_000)
    for number in range(100):
        sessions.keep(opened(number))
        assert sessions.find("account-0", 1) == opened(0)
    kept = [number for number in range(100) if sessions.find(f"account-{number}", 1)]
    assert 10 < len(kept) < 20
    assert kept == [0, *range(101 - len(kept), 100)]


def test_what_is_kept_takes_no_more_memory_than_allowed() -> None:
    """Within a tenth."""
    sessions = OpenedSessions(2_000_000)
    sessions.keep(opened(0))
    tracemalloc.start()
    for number in range(5_000):
        sessions.keep(opened(number))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 1_000_000 < taken < 2_200_000


def test_one_of_an_earlier_version_is_not_found() -> None:
    """And takes no room once there is a later one."""
    sessions = OpenedSessions(4_000)
    sessions.keep(opened(1, version=3))
    assert sessions.find("account-1", 4) is None
    assert sessions.find("account-1", 0) is None
    for version in range(4, 20):
        sessions.keep(opened(1, version))
        assert sessions.find("account-1", 4) == opened(1)
    sessions.keep(opened(2))
    assert sessions.find("account-1", 4)
    sessions.forget("account-1")
    assert sessions.find("account-1", 4) is None


async def test_a_session_that_found_no_room_is_opened_again(scene: Scene) -> None:
    """Nobody notices."""
    scene.store._opened = OpenedSessions(0)
    account = await scene.store.read_account("default", None)
    for _ in range(2):
        assert await scene.store.read_session(account.id, account.session_version) == session()
