"""Accounts, their settings, and their sessions."""

import asyncio
from datetime import timedelta

import pytest

from confrere.domain.account import AccountStatus
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.store import SqlStore
from tests.contract.store.scene import ACCEPTED, NOON, Scene, member, session, written


async def test_a_new_account_has_the_members_names_and_defaults(store: SqlStore) -> None:
    """A new account is available, enabled, at the maximum limit, and the default one."""
    person = member(1, picture="https://media.example/1.jpg", premium=True)
    account = await store.connect_account("default", session(), person, NOON)
    assert account == await store.read_account("default", account.id) == await store.read_account("default", None)
    assert (account.profile_urn, account.first_name, account.last_name) == (
        person.profile_urn,
        person.first_name,
        person.last_name,
    )
    assert (account.public_id, account.picture, account.premium) == (person.public_id, person.picture, True)
    assert (account.status, account.enabled, account.is_default) == (AccountStatus.AVAILABLE, True, True)
    assert account.daily_limit == MESSAGES_PER_DAY_CEILING
    assert account.session_version == 1
    assert account.created_at == NOON
    assert (account.status_reason, account.hold_until, account.last_used_at) == (None, None, None)
    assert len(account.id) == 24


async def test_member_connected_again_keeps_id_settings_and_hold(scene: Scene) -> None:
    """A member who connects again keeps id, settings and hold, and gets a new session, name and status."""
    await scene.send(ACCEPTED)
    first = await scene.connect(1, daily_limit=7, enabled=False)
    await scene.store.hold_account(first.id, scene.now + timedelta(hours=1))
    await scene.store.set_status(first.id, AccountStatus.ERROR, "the session has ended")
    again = await scene.store.connect_account("default", session("new"), member(1, first_name="Renamed"), NOON)
    assert again.id == first.id
    assert (again.daily_limit, again.enabled, again.first_name) == (7, False, "Renamed")
    assert (again.status, again.status_reason) == (AccountStatus.AVAILABLE, None)
    assert again.hold_until == scene.now + timedelta(hours=1)
    assert again.session_version > first.session_version
    stored = await scene.store.read_session(again.id, again.session_version)
    assert stored == session("new")


async def test_a_member_is_an_account_of_one_workspace(scene: Scene) -> None:
    """A member has one account in the whole store, of one workspace: several would each have a day's messages."""
    with pytest.raises(InvalidField, match="connected in another workspace"):
        await scene.connect(1, workspace_id="another")
    with pytest.raises(NotFound):
        await scene.store.read_account("another", None)
    elsewhere = await scene.connect(2, workspace_id="another")
    assert scene.account is not None
    assert elsewhere.is_default
    for workspace_id, account_id in (("another", scene.account.id), ("default", elsewhere.id), ("nowhere", None)):
        with pytest.raises(NotFound):
            await scene.store.read_account(workspace_id, account_id)


async def test_accounts_are_listed_default_first_then_by_name(store: SqlStore) -> None:
    """The list has the default account first, then the others by name."""
    scene = Scene(store)
    for number in (3, 1, 2):
        await scene.connect(number)
    await scene.connect(4, workspace_id="another")
    assert [account.first_name for account in await store.list_accounts("default")] == ["First3", "First1", "First2"]
    second = (await store.list_accounts("default"))[2]
    assert (await store.update_account("default", second.id, make_default=True)).is_default
    assert [account.first_name for account in await store.list_accounts("default")] == ["First2", "First1", "First3"]
    assert await store.list_accounts("nowhere") == []


async def test_one_member_connected_twice_at_once_is_one_account(store: SqlStore, other: SqlStore) -> None:
    """A member whom two processes connect at once has one account."""
    stores = [store, other] * 5
    accounts = await asyncio.gather(*(one.connect_account("default", session(), member(), NOON) for one in stores))
    assert len({account.id for account in accounts}) == 1
    assert (await store.read_account("default", None)).session_version == len(stores)


async def test_settings_change_one_by_one(scene: Scene) -> None:
    """A setting changes alone, and omitted ones stay."""
    assert scene.account is not None
    account_id = scene.account.id
    await scene.send(ACCEPTED)
    await scene.store.hold_account(account_id, scene.now + timedelta(hours=1))
    await scene.store.update_account("default", account_id, daily_limit=9)
    await scene.store.update_account("default", account_id, enabled=False)
    account = await scene.store.update_account("default", account_id)
    assert (account.daily_limit, account.enabled) == (9, False)
    assert account.hold_until == scene.now + timedelta(hours=1)
    account = await scene.store.update_account("default", account_id, release_hold=True)
    assert account.hold_until is None
    with pytest.raises(NotFound):
        await scene.store.update_account("another", account_id, enabled=True)


async def test_last_use_is_when_the_last_unit_was_taken(scene: Scene) -> None:
    """The last use is the time at which the last unit was taken, whatever the outcome."""
    await scene.reserve(scene.to_another())
    now = scene.later(minutes=1)
    await scene.reserve(scene.to_another())
    assert (await scene.store.read_account("default", None)).last_used_at == now


async def test_session_is_read_as_it_was_stored(scene: Scene) -> None:
    """A session is read as it was stored, with quotes and headers, and is None if there is none."""
    assert scene.account is not None
    assert await scene.store.read_session(scene.account.id, 1) == session()
    assert await scene.store.read_session("0" * 24, 1) is None


async def test_refreshed_cookies_are_merged(scene: Scene, other: SqlStore) -> None:
    """Refreshed cookies are merged into a new version, which every reader can get; unchanged ones make none."""
    assert scene.account is not None
    account_id = scene.account.id
    assert await other.read_session(account_id, 1) == session()
    await scene.store.refresh_cookies(account_id, {"lidc": "b=1"})
    await scene.store.refresh_cookies(account_id, {"lidc": "b=1"})
    await scene.store.refresh_cookies(account_id, {})
    account = await scene.store.read_account("default", account_id)
    assert account.session_version == 2
    for store in (scene.store, other):
        stored = await store.read_session(account_id, account.session_version)
        assert stored == session().refreshed({"lidc": "b=1"})
    await scene.store.refresh_cookies("0" * 24, {"lidc": "b=1"})


async def test_cookies_refreshed_by_two_processes_at_once_are_all_there(scene: Scene, other: SqlStore) -> None:
    """Cookies that two processes refresh concurrently are all stored."""
    assert scene.account is not None
    account_id = scene.account.id
    stores = [scene.store, other] * 10
    await asyncio.gather(*(one.refresh_cookies(account_id, {f"c{n}": str(n)}) for n, one in enumerate(stores)))
    account = await scene.store.read_account("default", account_id)
    assert account.session_version == 1 + len(stores)
    stored = await other.read_session(account_id, account.session_version)
    assert stored is not None
    assert {name for name in stored.cookies if name.startswith("c")} == {f"c{n}" for n in range(len(stores))}


async def test_disconnected_account_has_no_session(scene: Scene, other: SqlStore) -> None:
    """A disconnected account keeps its sends; after it connects again no cached session is used."""
    assert scene.account is not None
    account_id = scene.account.id
    claim = await scene.send(ACCEPTED)
    await other.read_session(account_id, 1)
    with pytest.raises(NotFound):
        await scene.store.disconnect_account("another", account_id)
    await scene.store.disconnect_account("default", account_id)
    account = await scene.store.read_account("default", account_id)
    assert not account.has_session
    assert await scene.store.read_session(account_id, account.session_version) is None
    assert await other.read_session(account_id, account.session_version) is None
    assert (await scene.row(claim)).account_id == account_id
    connected = await scene.store.connect_account("default", session("new"), member(), NOON)
    for store in (scene.store, other):
        assert await store.read_session(account_id, connected.session_version) == session("new")


async def test_status_is_stored_with_its_reason(scene: Scene) -> None:
    """The status is stored with its reason, or without one."""
    assert scene.account is not None
    for status, reason in ((AccountStatus.WARMUP, "new"), (AccountStatus.AVAILABLE, None)):
        await scene.store.set_status(scene.account.id, status, reason)
        account = await scene.store.read_account("default", None)
        assert (account.status, account.status_reason) == (status, reason)


async def test_the_age_of_a_session_is_that_of_the_last_connecting(scene: Scene) -> None:
    """Connecting again begins it anew, refreshed cookies do not; without a session there is none."""
    assert scene.account is not None
    account_id = scene.account.id
    assert (scene.account.connected_at, scene.account.answered_at) == (NOON, NOON)
    scene.now = NOON + timedelta(days=12)
    await scene.store.refresh_cookies(account_id, {"lidc": "b=2"})
    assert (await scene.store.read_account("default", account_id)).connected_at == NOON
    again = await scene.connect(1)
    assert (again.created_at, again.connected_at) == (NOON, scene.now)
    await scene.store.disconnect_account("default", account_id)
    gone = await scene.store.read_account("default", account_id)
    assert (gone.connected_at, gone.answered_at) == (None, None)


async def test_answers_are_recorded_to_a_minute(scene: Scene, other: SqlStore) -> None:
    """The latest answer of any process counts; without a session none does."""
    assert scene.account is not None
    account_id = scene.account.id
    scene.store.record_answer(account_id, NOON + timedelta(seconds=90))
    scene.store.record_answer(account_id, NOON + timedelta(seconds=100))  # within the minute
    other.record_answer(account_id, NOON + timedelta(seconds=30))
    for store in (scene.store, other):
        await written(store)
    assert (await other.read_account("default", account_id)).answered_at == NOON + timedelta(seconds=90)
    await scene.store.disconnect_account("default", account_id)
    scene.store.record_answer(account_id, NOON + timedelta(hours=1))
    await written(scene.store)
    assert (await other.read_account("default", account_id)).answered_at is None
