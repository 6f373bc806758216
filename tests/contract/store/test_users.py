"""Users of the console: who is logged in, and who has to wait, is the same in every process."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from confrere.access.attempts import FREE_ATTEMPTS_OF_ADDRESS, FREE_ATTEMPTS_OF_NAME
from confrere.access.login import Logins
from confrere.domain.audit import COMMAND_LINE, Actor, ActorKind
from confrere.domain.errors import InvalidField, LoginDelayed, NotFound, Unauthorized
from confrere.domain.users import (
    FORGET_ATTEMPTS_AFTER,
    INVITE_LIFETIME,
    LINK_LIFETIME,
    MAX_LOGIN_DELAY,
    SESSION_IDLE,
    SESSION_LIFETIME,
    Rights,
    Role,
    User,
)
from confrere.store import SqlStore
from tests.contract.store.scene import NOON, Clock, written

PASSWORD = "correct horse battery"
OWNER = Rights(Role.OWNER)
HERE = Actor(ActorKind.NOBODY, address="192.0.2.1")


def at(address: str) -> Actor:
    """Return somebody at this address."""
    return Actor(ActorKind.NOBODY, address=address)


ELSEWHERE = at("198.51.100.7")


async def join(logins: Logins, name: str = "Odile", rights: Rights = OWNER) -> str:
    """Have a user accept an invite; return the token of their session."""
    _, token = await logins.invite("default", rights, COMMAND_LINE)
    return await logins.redeem(token, HERE, name=name, password=PASSWORD)


async def test_an_invite_creates_one_user(logins: Logins, elsewhere: Logins) -> None:
    """An invite creates a user with its rights, who is logged in everywhere; it cannot be used again."""
    rights = Rights(Role.WRITER, inbox=True, accounts=frozenset({"a" * 24, "b" * 24}))
    _, token = await logins.invite("default", rights, COMMAND_LINE)
    session = await logins.redeem(token, HERE, name="  Odile ", password=PASSWORD)
    user = await elsewhere.find(session)
    assert user is not None
    assert (user.name, user.rights, user.has_password, user.logged_in_at) == ("Odile", rights, True, NOON)
    assert await elsewhere.find_invite(token) is None
    with pytest.raises(NotFound):
        await elsewhere.redeem(token, HERE, name="Another", password=PASSWORD)
    assert [user.name for user in await logins.list_users("default")] == ["Odile"]


async def test_of_two_who_use_an_invite_at_once_one_does(logins: Logins, elsewhere: Logins) -> None:
    """Two people who use one invite at the same time are not both let in."""
    _, token = await logins.invite("default", OWNER, COMMAND_LINE)
    results = await asyncio.gather(
        *(one.redeem(token, HERE, name=name, password=PASSWORD) for one, name in ((logins, "A"), (elsewhere, "B"))),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["NotFound", "str"]
    assert len(await logins.list_users("default")) == 1


async def test_an_invite_expires(logins: Logins, clock: Clock) -> None:
    """An invite works until its end, and not at it."""
    _, token = await logins.invite("default", OWNER, COMMAND_LINE, LINK_LIFETIME)
    clock.now += LINK_LIFETIME
    assert await logins.find_invite(token) is None
    with pytest.raises(NotFound):
        await logins.redeem(token, HERE, name="Odile", password=PASSWORD)


@pytest.mark.parametrize("name", ["ODILE", " odile ", "Odile", "\uff2fDILE"])
async def test_a_name_is_taken_whatever_its_case(logins: Logins, name: str) -> None:
    """A second user cannot have a name that looks the same; the invite can then be used with another name."""
    await join(logins)
    _, token = await logins.invite("default", OWNER, COMMAND_LINE)
    with pytest.raises(InvalidField, match="name must be another"):
        await logins.redeem(token, HERE, name=name, password=PASSWORD)
    assert await logins.redeem(token, HERE, name="Odette", password=PASSWORD)


async def test_login_needs_name_and_password(logins: Logins, elsewhere: Logins) -> None:
    """Name and password together open a session; any other pair is refused with one error."""
    await join(logins)
    user = await logins.find(await elsewhere.log_in("default", "oDILE", PASSWORD, HERE))
    assert user is not None
    for name, password in (("Odile", "another password"), ("Nobody", PASSWORD), ("", ""), ("Odile", "")):
        with pytest.raises(Unauthorized):
            await elsewhere.log_in("default", name, password, HERE)


async def test_a_user_without_a_password_cannot_log_in_by_one(logins: Logins) -> None:
    """The user of the sandbox enters by a link, each once, and by no password."""
    for _ in range(2):
        token = await logins.invite_to_enter("default", "Sandbox", OWNER, LINK_LIFETIME)
        user = await logins.find(await logins.redeem(token, HERE))
        assert user is not None
        assert not user.has_password
    for password in ("", "None", PASSWORD):
        with pytest.raises(Unauthorized):
            await logins.log_in("default", "Sandbox", password, HERE)
    assert len(await logins.list_users("default")) == 1


async def test_logout_ends_one_session(logins: Logins, elsewhere: Logins) -> None:
    """A logout ends its own session in every process, and no other."""
    first, second = await join(logins), await logins.log_in("default", "Odile", PASSWORD, HERE)
    await logins.log_out(first, HERE)
    assert await elsewhere.find(first) is None
    assert await elsewhere.find(second) is not None


async def test_a_session_ends_by_idleness_and_by_age(logins: Logins, store: SqlStore, clock: Clock) -> None:
    """A session ends when it was idle too long, and at its absolute end even if it is used; polls are no use."""
    session, idle = await join(logins), await logins.log_in("default", "Odile", PASSWORD, HERE)
    while clock.now < NOON + SESSION_LIFETIME:
        user = await logins.find(session)
        assert user is not None
        await written(store)
        assert (await logins.find(idle, is_use=False) is not None) == (clock.now < NOON + SESSION_IDLE)
        clock.now += SESSION_IDLE / 2
    assert await logins.find(session) is None


async def test_a_new_password_ends_all_sessions(logins: Logins, elsewhere: Logins) -> None:
    """A reset logs the user out everywhere, and the former password is worth nothing."""
    session = await join(logins)
    _, token = await logins.invite_to_reset("default", "odile", COMMAND_LINE)
    assert await elsewhere.find(session) is not None
    entered = await logins.redeem(token, HERE, password="another good password")
    assert await elsewhere.find(session) is None
    assert await elsewhere.find(entered) is not None
    with pytest.raises(Unauthorized):
        await logins.log_in("default", "Odile", PASSWORD, HERE)
    assert await logins.log_in("default", "Odile", "another good password", HERE)


async def test_a_disabled_user_is_out_at_once(logins: Logins, elsewhere: Logins) -> None:
    """A disabled user's sessions end, and neither password nor link lets them in; a reset enables them."""
    session = await join(logins)
    await logins.disable("default", "odile", COMMAND_LINE)
    assert await elsewhere.find(session) is None
    with pytest.raises(Unauthorized):
        await elsewhere.log_in("default", "Odile", PASSWORD, HERE)
    _, token = await logins.invite_to_reset("default", "Odile", COMMAND_LINE)
    assert await elsewhere.find(await logins.redeem(token, HERE, password=PASSWORD)) is not None
    sandbox = await logins.invite_to_enter("default", "Sandbox", OWNER, LINK_LIFETIME)
    await logins.disable("default", "Sandbox", COMMAND_LINE)
    with pytest.raises(NotFound):
        await logins.redeem(sandbox, HERE)
    with pytest.raises(NotFound):
        await logins.disable("default", "Nobody", COMMAND_LINE)


@pytest.mark.parametrize("name", ["Odile", "Nobody"])
async def test_guesses_are_slowed(logins: Logins, elsewhere: Logins, clock: Clock, name: str) -> None:
    """After some guesses a name has to wait, longer each time, in every process, and also one that nobody has."""
    await join(logins)
    for _ in range(FREE_ATTEMPTS_OF_NAME):
        with pytest.raises(Unauthorized):
            await logins.log_in("default", name, "a wrong password", HERE)
    waits = []
    for _ in range(12):
        with pytest.raises(LoginDelayed) as delayed:
            await elsewhere.log_in("default", name, PASSWORD, ELSEWHERE)
        waits.append(delayed.value.resets_at - clock.now)
        clock.now = delayed.value.resets_at
        with pytest.raises(Unauthorized):
            await elsewhere.log_in("default", name, "a wrong password", ELSEWHERE)
    assert waits[:3] == [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4)]
    assert waits == sorted(waits)
    assert waits[-1] == MAX_LOGIN_DELAY
    clock.now += FORGET_ATTEMPTS_AFTER + timedelta(seconds=1)
    with pytest.raises(Unauthorized):
        await logins.log_in("default", name, "a wrong password", HERE)


async def test_a_login_ends_the_delay_of_its_name(logins: Logins, clock: Clock) -> None:
    """Who knows the password in the end starts anew with free attempts."""
    await join(logins)
    for _ in range(2):
        for _ in range(FREE_ATTEMPTS_OF_NAME - 1):
            with pytest.raises(Unauthorized):
                await logins.log_in("default", "Odile", "a wrong password", HERE)
        assert await logins.log_in("default", "Odile", PASSWORD, HERE)


async def test_an_address_that_guesses_names_is_slowed(logins: Logins) -> None:
    """An address, or a household's IPv6 network, has to wait whatever names it tries; others do not."""
    for number in range(FREE_ATTEMPTS_OF_ADDRESS):
        with pytest.raises(Unauthorized):
            await logins.log_in("default", f"name {number}", "a wrong password", at(f"2001:db8::{number:x}"))
    with pytest.raises(LoginDelayed):
        await logins.log_in("default", "yet another", "a wrong password", at("2001:db8::ffff"))
    with pytest.raises(Unauthorized):
        await logins.log_in("default", "yet another", "a wrong password", at("2001:db8:0:1::1"))


async def test_logins_do_not_slow_their_address(logins: Logins) -> None:
    """Behind one address of an office or a proxy many log in; guesses from there count on."""
    await join(logins)
    for number in range(FREE_ATTEMPTS_OF_ADDRESS + 1):
        assert await logins.log_in("default", "Odile", PASSWORD, HERE)
        if number < FREE_ATTEMPTS_OF_ADDRESS - 1:
            with pytest.raises(Unauthorized):
                await logins.log_in("default", f"name {number}", "a wrong password", HERE)
    with pytest.raises(Unauthorized):
        await logins.log_in("default", "yet another", "a wrong password", HERE)
    with pytest.raises(LoginDelayed):
        await logins.log_in("default", "Odile", PASSWORD, HERE)


async def test_nothing_secret_is_stored(logins: Logins, store: SqlStore) -> None:
    """What the store keeps, and what is printed of it, holds no token and no password."""
    invite, token = await logins.invite("default", OWNER, COMMAND_LINE, INVITE_LIFETIME)
    session = await join(logins)
    user = await logins.find(session)
    found = await store.find_password("odile")
    assert found is not None
    assert found[1].startswith("$argon2id$")
    for secret in (token, session, PASSWORD):
        assert secret not in repr((invite, user, found))


async def test_a_change_of_the_password_in_the_midst_of_a_login_wins(logins: Logins, store: SqlStore) -> None:
    """A login that checked the former password opens no session once there is a new one."""
    await join(logins)
    found = await store.find_password("Odile")
    assert found is not None
    _, token = await logins.invite_to_reset("default", "Odile", COMMAND_LINE)
    await logins.redeem(token, HERE, password="another good password")
    assert not await store.open_session(*found[:2], "0" * 64, HERE, NOON)
    assert await store.find_session("0" * 64, NOON, is_use=True) is None


async def test_users_of_workspaces_are_apart(logins: Logins, store: SqlStore) -> None:
    """A name belongs to its workspace only."""
    await join(logins)
    user = (await logins.list_users("default"))[0]
    added: User = await store.add_user(replace(user, id="f" * 24, name="Vivi", workspace_id="another"))
    assert added.id == "f" * 24
    assert await logins.list_users("another") == [replace(added)]
    with pytest.raises(NotFound):
        await store.disable_user("another", user.id, COMMAND_LINE, NOON)
