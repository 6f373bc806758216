"""The audit log: it has every change, and shows when somebody has changed it."""

import asyncio
from datetime import timedelta

import pytest

from confrere.access.login import Logins
from confrere.domain.audit import COMMAND_LINE, Actor, ActorKind, AuditAction, AuditEntry
from confrere.domain.errors import InvalidField, Unauthorized
from confrere.domain.users import LINK_LIFETIME, Rights, Role
from confrere.store import SqlStore
from tests.contract.store.raw_sql import run_sql
from tests.contract.store.scene import NOON, Clock

PASSWORD = "correct horse battery"
OWNER = Rights(Role.OWNER)
BROWSER = Actor(ActorKind.NOBODY, None, "192.0.2.1", "request-1")


async def entries(store: SqlStore) -> list[AuditEntry]:
    """Return the log, oldest first."""
    return list(reversed(await store.list_audit("default", before=None, count=1_000)))


async def test_the_log_has_who_did_what_from_where(store: SqlStore, logins: Logins) -> None:
    """Each login, link and change of a user stands in the log with its actor, address, request and time."""
    _, token = await logins.invite("default", OWNER, COMMAND_LINE)
    session = await logins.redeem(token, BROWSER, name="Odile", password=PASSWORD)
    user = (await logins.list_users("default"))[0]
    await logins.log_out(session, BROWSER)
    for name in ("Odile", "Nobody"):
        with pytest.raises(Unauthorized):
            await logins.log_in("default", name, "a wrong password", BROWSER)
    await logins.log_in("default", "Odile", PASSWORD, BROWSER)
    _, reset = await logins.invite_to_reset("default", "Odile", COMMAND_LINE)
    await logins.redeem(reset, BROWSER, password=PASSWORD)
    await logins.disable("default", "Odile", COMMAND_LINE)
    sandbox = await logins.invite_to_enter("default", "Sandbox", OWNER, LINK_LIFETIME)
    await logins.redeem(sandbox, BROWSER)
    log = await entries(store)
    known = Actor(ActorKind.USER, user.id, "192.0.2.1", "request-1")
    assert [(one.action, one.actor, one.subject) for one in log[:-1]] == [
        (AuditAction.USER_INVITED, COMMAND_LINE, None),
        (AuditAction.USER_JOINED, known, user.id),
        (AuditAction.LOGGED_OUT, known, user.id),
        (AuditAction.LOGIN_FAILED, BROWSER, user.id),
        (AuditAction.LOGIN_FAILED, BROWSER, None),
        (AuditAction.LOGGED_IN, known, user.id),
        (AuditAction.RESET_LINK_MADE, COMMAND_LINE, user.id),
        (AuditAction.PASSWORD_SET, known, user.id),
        (AuditAction.USER_DISABLED, COMMAND_LINE, user.id),
    ]
    assert (log[-1].action, log[-1].actor.kind) == (AuditAction.LINK_ENTERED, ActorKind.USER)
    assert [one.number for one in log] == list(range(1, 11))
    assert {(one.at, one.workspace_id) for one in log} == {(NOON, "default")}
    assert (log[0].detail, log[1].detail) == ("owner", "owner")
    assert not any(secret in repr(log) for secret in (token, session, PASSWORD, "a wrong password", "Nobody"))


async def test_a_change_that_fails_leaves_no_entry(store: SqlStore, logins: Logins) -> None:
    """The entry is in the transaction of its change: where a name is taken, neither is written."""
    _, token = await logins.invite("default", OWNER, COMMAND_LINE)
    await logins.redeem(token, BROWSER, name="Odile", password=PASSWORD)
    _, token = await logins.invite("default", OWNER, COMMAND_LINE)
    before = await entries(store)
    with pytest.raises(InvalidField):
        await logins.redeem(token, BROWSER, name="odile", password=PASSWORD)
    assert await entries(store) == before


async def test_the_log_is_read_page_by_page(store: SqlStore, logins: Logins) -> None:
    """The newest entries come first, and each page continues before the last."""
    for _ in range(5):
        await logins.invite("default", OWNER, COMMAND_LINE)
    first = await store.list_audit("default", before=None, count=3)
    rest = await store.list_audit("default", before=first[-1].number, count=3)
    assert [one.number for one in (*first, *rest)] == [5, 4, 3, 2, 1]
    assert await store.list_audit("another", before=None, count=3) == []


async def test_entries_of_several_processes_are_one_chain(
    store: SqlStore,
    logins: Logins,
    elsewhere: Logins,
) -> None:
    """Processes that write at the same time leave no gap, and the chain is whole."""
    await asyncio.gather(*(one.invite("default", OWNER, COMMAND_LINE) for one in (logins, elsewhere) * 10))
    check = await store.check_audit("default")
    assert (check.count, check.broken_at) == (20, None)
    assert (await store.check_audit("another")).count == 0


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE audit SET actor_id = 'somebody' WHERE number = 3", 3),
        ("UPDATE audit SET detail = NULL WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 4", 4),
        ("DELETE FROM audit WHERE number = 6", 6),
        ("UPDATE audit SET at = at + 1 WHERE number = 1", 1),
        ("UPDATE audit_heads SET number = 5", 5),
        ("UPDATE audit SET hash = 'x' WHERE number = 5", 5),
    ],
)
async def test_whoever_changes_the_log_is_noticed(
    url: str,
    store: SqlStore,
    logins: Logins,
    clock: Clock,
    tampering: str,
    broken_at: int,
) -> None:
    """An entry that was changed, or taken out, at the end too, is found by the check."""
    for _ in range(6):
        await logins.invite("default", OWNER, COMMAND_LINE)
        clock.now += timedelta(seconds=1)
    assert (await store.check_audit("default")).broken_at is None
    await run_sql(url, tampering)
    assert (await store.check_audit("default")).broken_at == broken_at


async def test_an_entry_of_another_copy_is_noticed(url: str, store: SqlStore, logins: Logins, clock: Clock) -> None:
    """An entry with a valid hash, from a backup that went on otherwise, does not fit the entries around it."""

    async def write_three() -> None:
        for _ in range(3):
            clock.now += timedelta(seconds=1)
            await logins.invite("default", OWNER, COMMAND_LINE)

    await write_three()
    await run_sql(url, "UPDATE audit SET workspace_id = 'kept' WHERE number = 2")
    await run_sql(url, "DELETE FROM audit WHERE workspace_id = 'default'")
    await run_sql(url, "DELETE FROM audit_heads")
    await write_three()
    assert (await store.check_audit("default")).broken_at is None
    await run_sql(url, "DELETE FROM audit WHERE workspace_id = 'default' AND number = 2")
    await run_sql(url, "UPDATE audit SET workspace_id = 'default' WHERE workspace_id = 'kept'")
    assert (await store.check_audit("default")).broken_at == 2
