"""API keys: an unknown, expired or revoked one authenticates nobody, in any process."""

from datetime import timedelta

import pytest

from confrere.domain.errors import NotFound
from confrere.domain.keys import Caller, Scope, hash_key, new_key
from confrere.store import SqlStore
from tests.contract.store.scene import NOON, stored_key, written


async def test_key_authenticates_its_workspace(store: SqlStore) -> None:
    """A key's caller has its workspace and scopes."""
    key = new_key()
    await store.add_key(stored_key(key, expires_at=NOON + timedelta(days=1)), hash_key(key))
    caller = await store.find_caller(hash_key(key), NOON)
    assert caller == Caller(
        stored_key(key).id, "default", frozenset({Scope.SEND, Scope.READ}), NOON + timedelta(days=1)
    )
    assert await store.find_caller(hash_key(new_key()), NOON) is None


async def test_expired_key_is_rejected(store: SqlStore) -> None:
    """A key is rejected from the microsecond at which it expires."""
    key = new_key()
    await store.add_key(stored_key(key, expires_at=NOON), hash_key(key))
    assert await store.find_caller(hash_key(key), NOON - timedelta(microseconds=1)) is not None
    assert await store.find_caller(hash_key(key), NOON) is None


async def test_revoked_key_is_rejected_in_every_process(store: SqlStore, other: SqlStore) -> None:
    """A revocation is effective at once in every process; a second one keeps the time of the first."""
    key = new_key()
    await store.add_key(stored_key(key), hash_key(key))
    assert await other.find_caller(hash_key(key), NOON) is not None
    assert (await store.revoke_key("default", stored_key(key).id, NOON)).revoked_at == NOON
    assert await other.find_caller(hash_key(key), NOON) is None
    assert (await store.revoke_key("default", stored_key(key).id, NOON + timedelta(days=1))).revoked_at == NOON


async def test_isolation_a_key_is_revoked_in_its_workspace_only(store: SqlStore) -> None:
    """Another workspace cannot revoke a key: there it is not found."""
    key = new_key()
    await store.add_key(stored_key(key), hash_key(key))
    with pytest.raises(NotFound):
        await store.revoke_key("another", stored_key(key).id, NOON)
    assert await store.find_caller(hash_key(key), NOON) is not None


async def test_keys_are_listed_newest_first_and_never_hold_the_key(store: SqlStore) -> None:
    """Revoked ones too, with the day of their last use."""
    keys = [new_key() for _ in range(3)]
    for number, key in enumerate(keys):
        await store.add_key(
            stored_key(key, created_at=NOON + timedelta(minutes=number), name=str(number)), hash_key(key)
        )
    await store.add_key(stored_key(new_key(), workspace_id="another"), "another")
    await store.revoke_key("default", stored_key(keys[1]).id, NOON)
    await store.find_caller(hash_key(keys[2]), NOON)
    await store.find_caller(hash_key(keys[2]), NOON + timedelta(seconds=1))
    await written(store)
    listed = await store.list_keys("default")
    assert [key.name for key in listed] == ["2", "1", "0"]
    assert [key.last_used_at for key in listed] == [NOON, None, None]
    assert [key.revoked_at for key in listed] == [None, NOON, None]
    assert not any(key in repr(listed) for key in keys)
