"""API keys, the do-not-contact list, and the vitals."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from confrere.domain.errors import NotFound, StoreUnavailable
from confrere.domain.keys import ApiKey, Caller, Scope, hash_key, new_key, visible_part
from confrere.domain.opt_out import OptOut
from confrere.store import SqlStore
from confrere.store.engine import NOTES_DELAY_SECONDS
from tests.contract.store.scene import NOON


def kept(key: str, **changes: Any) -> ApiKey:
    """What is kept of a key."""
    return ApiKey(
        **{
            "id": hash_key(key)[:24],
            "workspace_id": "default",
            "name": "crm",
            "visible_part": visible_part(key),
            "scopes": frozenset({Scope.SEND, Scope.READ}),
            "created_at": NOON,
            "expires_at": None,
            "revoked_at": None,
            "last_used_at": None,
            **changes,
        }
    )


def opted_out(number: int, **changes: Any) -> OptOut:
    """Somebody who asked not to be written to."""
    return OptOut(
        **{"recipient": f"urn:li:fsd_profile:{number}", "reason": None, "source": "api", "added_at": NOON, **changes}
    )


async def test_key_speaks_for_its_workspace(store: SqlStore) -> None:
    """With its scopes; an unknown one for nobody."""
    key = new_key()
    await store.add_key(kept(key, expires_at=NOON + timedelta(days=1)), hash_key(key))
    caller = await store.find_caller(hash_key(key), NOON)
    assert caller == Caller(kept(key).id, "default", frozenset({Scope.SEND, Scope.READ}), NOON + timedelta(days=1))
    assert await store.find_caller(hash_key(new_key()), NOON) is None


async def test_expired_key_is_worth_nothing(store: SqlStore) -> None:
    """From the moment it expires."""
    key = new_key()
    await store.add_key(kept(key, expires_at=NOON), hash_key(key))
    assert await store.find_caller(hash_key(key), NOON - timedelta(microseconds=1)) is not None
    assert await store.find_caller(hash_key(key), NOON) is None


async def test_revoked_key_is_worth_nothing_anywhere(store: SqlStore, other: SqlStore) -> None:
    """At once, in every process; revoked again, the first time stays."""
    key = new_key()
    await store.add_key(kept(key), hash_key(key))
    assert await other.find_caller(hash_key(key), NOON) is not None
    assert (await store.revoke_key("default", kept(key).id, NOON)).revoked_at == NOON
    assert await other.find_caller(hash_key(key), NOON) is None
    assert (await store.revoke_key("default", kept(key).id, NOON + timedelta(days=1))).revoked_at == NOON


async def test_isolation_a_key_is_revoked_in_its_workspace_only(store: SqlStore) -> None:
    """Elsewhere it is not found."""
    key = new_key()
    await store.add_key(kept(key), hash_key(key))
    with pytest.raises(NotFound):
        await store.revoke_key("another", kept(key).id, NOON)
    assert await store.find_caller(hash_key(key), NOON) is not None


async def test_keys_are_listed_newest_first_and_never_hold_the_key(store: SqlStore) -> None:
    """Revoked ones too, with the day of their last use."""
    keys = [new_key() for _ in range(3)]
    for number, key in enumerate(keys):
        await store.add_key(kept(key, created_at=NOON + timedelta(minutes=number), name=str(number)), hash_key(key))
    await store.add_key(kept(new_key(), workspace_id="another"), "another")
    await store.revoke_key("default", kept(keys[1]).id, NOON)
    await store.find_caller(hash_key(keys[2]), NOON)
    await store.find_caller(hash_key(keys[2]), NOON + timedelta(seconds=1))
    await asyncio.sleep(NOTES_DELAY_SECONDS * 2)
    listed = await store.list_keys("default")
    assert [key.name for key in listed] == ["2", "1", "0"]
    assert [key.last_used_at for key in listed] == [NOON, None, None]
    assert [key.revoked_at for key in listed] == [None, NOON, None]
    assert not any(key in repr(listed) for key in keys)


async def test_opt_outs_stay_as_they_were(store: SqlStore) -> None:
    """Added twice, the first reason stays; only the new ones are counted."""
    assert await store.add_opt_outs("default", []) == 0
    assert await store.add_opt_outs("default", [opted_out(1, reason="asked"), opted_out(2)]) == 2
    assert await store.add_opt_outs("default", [opted_out(1, reason="again"), opted_out(3), opted_out(3)]) == 1
    listed = await store.list_opt_outs("default", after=None, count=10)
    assert listed == [opted_out(1, reason="asked"), opted_out(2), opted_out(3)]
    assert await store.list_opt_outs("another", after=None, count=10) == []


async def test_opt_outs_are_listed_in_pages(store: SqlStore) -> None:
    """In the order of their names, byte by byte, on every engine."""
    names = [
        "urn:li:fsd_profile:ACoAAb",
        "urn:li:fsd_profile:ACoAAB",
        "urn:li:fsd_profile:ACoAA_",
        "urn:li:fsd_profile:ACoAA-",
    ]
    await store.add_opt_outs("default", [opted_out(0, recipient=name) for name in names])
    seen: list[str] = []
    while page := await store.list_opt_outs("default", after=seen[-1] if seen else None, count=3):
        seen += [one.recipient for one in page]
    assert seen == sorted(names)


async def test_opt_out_can_be_taken_back(store: SqlStore) -> None:
    """Where there is one."""
    await store.add_opt_outs("default", [opted_out(1)])
    with pytest.raises(NotFound):
        await store.remove_opt_out("another", opted_out(1).recipient)
    await store.remove_opt_out("default", opted_out(1).recipient)
    with pytest.raises(NotFound):
        await store.remove_opt_out("default", opted_out(1).recipient)


async def test_many_opt_outs_are_one_step(store: SqlStore) -> None:
    """A list of ten thousand, at once."""
    assert await store.add_opt_outs("default", [opted_out(number) for number in range(10_000)]) == 10_000


async def test_closed_store_is_unavailable(store: SqlStore) -> None:
    """And says so, whatever is asked; closing twice is closing once."""
    await store.ping()
    await store.close()
    await store.close()
    for ask in (
        store.ping,
        store.count_unknown,
        lambda: store.beat(is_worker=True),
        lambda: store.list_keys("default"),
    ):
        with pytest.raises(StoreUnavailable):
            await ask()
