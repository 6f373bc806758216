"""Second factors and logins at an identity provider: each code, link and state counts once, in whatever process."""

import asyncio
from datetime import timedelta

import pytest

from confrere.access.login import CodeNeeded, Logins
from confrere.access.second_factor import SecondFactorLogins
from confrere.access.totp import code_at, step_at
from confrere.domain.audit import COMMAND_LINE, Actor, ActorKind
from confrere.domain.errors import Unauthorized
from confrere.domain.users import PENDING_LOGIN_LIFETIME, Identity, Rights, Role, User, hash_token
from confrere.store import SqlStore
from tests.contract.store.scene import NOON, Clock

PASSWORD = "correct horse battery"
HERE = Actor(ActorKind.NOBODY, address="192.0.2.1")
MARTA = Identity("https://login.example", "17", "Marta")
VIEWER = Rights(Role.VIEWER)


async def user_with_factor(logins: Logins, factors: SecondFactorLogins, clock: Clock) -> tuple[User, str, str]:
    """Create a user with a second factor; return them, its secret and a recovery code."""
    _, token = await logins.invite("default", Rights(Role.OWNER), COMMAND_LINE)
    user = await logins.find(await logins.redeem(token, HERE, name="Odile", password=PASSWORD))
    assert user is not None
    setup = await factors.begin(user)
    assert setup is not None
    codes = await factors.confirm(user, code_at(setup.secret, step_at(clock.now) - 1), HERE)
    return user, setup.secret, codes[0]


@pytest.fixture
def factors(store: SqlStore, clock: Clock) -> SecondFactorLogins:
    """Build the second factors of a process."""
    return SecondFactorLogins(store=store, clock=clock)


@pytest.fixture
def factors_elsewhere(other: SqlStore, clock: Clock) -> SecondFactorLogins:
    """Build the second factors of another process."""
    return SecondFactorLogins(store=other, clock=clock)


async def pending(logins: Logins) -> str:
    """Return the token of a login that waits for its code."""
    with pytest.raises(CodeNeeded) as needed:
        await logins.log_in("default", "Odile", PASSWORD, HERE)
    assert await logins.find(needed.value.token) is None
    return needed.value.token


@pytest.mark.parametrize("by_recovery_code", [False, True])
async def test_of_two_who_use_a_code_at_once_one_comes_in(
    logins: Logins,
    elsewhere: Logins,
    factors: SecondFactorLogins,
    factors_elsewhere: SecondFactorLogins,
    clock: Clock,
    by_recovery_code: bool,
) -> None:
    """A code that somebody has read over a shoulder opens nothing beside the login of its owner."""
    _, secret, recovery_code = await user_with_factor(logins, factors, clock)
    code = recovery_code if by_recovery_code else code_at(secret, step_at(clock.now))
    first, second = await pending(logins), await pending(elsewhere)
    results = await asyncio.gather(
        factors.finish_login(first, code, HERE),
        factors_elsewhere.finish_login(second, code, HERE),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["Unauthorized", "str"]


async def test_a_refused_code_leaves_the_login_open(
    logins: Logins, factors: SecondFactorLogins, clock: Clock, store: SqlStore
) -> None:
    """After a wrong code the next one is taken, until the login's time is over."""
    _, secret, _ = await user_with_factor(logins, factors, clock)
    token = await pending(logins)
    with pytest.raises(Unauthorized):
        await factors.finish_login(token, "000000", HERE)
    assert not await store.finish_login(hash_token(token), "0" * 64, "no such hash", HERE, NOON, "")
    clock.now += timedelta(minutes=1)
    assert await logins.find(await factors.finish_login(token, code_at(secret, step_at(clock.now)), HERE)) is not None


async def test_a_disabled_user_finishes_no_login(logins: Logins, factors: SecondFactorLogins, clock: Clock) -> None:
    """Whoever is disabled between password and code stays out."""
    _, _, recovery_code = await user_with_factor(logins, factors, clock)
    token = await pending(logins)
    await logins.disable("default", "Odile", COMMAND_LINE)
    with pytest.raises(Exception, match="took too long"):
        await factors.finish_login(token, recovery_code, HERE)


async def test_a_confirmed_factor_is_not_replaced(
    logins: Logins, factors: SecondFactorLogins, factors_elsewhere: SecondFactorLogins, clock: Clock, store: SqlStore
) -> None:
    """A set-up that another browser has left open does not change what logins ask for."""
    user, secret, _ = await user_with_factor(logins, factors, clock)
    assert await factors_elsewhere.begin(user) is None
    assert not await store.begin_second_factor(user.id, "ANOTHER")
    assert not await store.confirm_second_factor("default", user.id, 1, [], HERE, clock.now)
    factor = await store.read_second_factor(user.id)
    assert factor is not None
    assert factor.secret == secret
    assert await store.count_recovery_codes(user.id) == 10


async def test_a_state_is_taken_once(store: SqlStore, other: SqlStore) -> None:
    """Of two that come back with one state, one is let in; after its time none is."""
    await store.begin_sign_in("state", "/console", NOON)
    taken = await asyncio.gather(store.take_sign_in("state", NOON), other.take_sign_in("state", NOON))
    assert sorted(map(str, taken)) == ["/console", "None"]
    await store.begin_sign_in("late", "/console", NOON)
    assert await store.take_sign_in("late", NOON + PENDING_LOGIN_LIFETIME) is None


async def test_two_first_logins_at_once_make_one_user(store: SqlStore, other: SqlStore) -> None:
    """Two tabs that log in for the first time are one user, by issuer and subject."""
    users = await asyncio.gather(
        *(
            one.sign_in("default", MARTA, VIEWER, f"session {number}", HERE, NOON, "")
            for number, one in enumerate((store, other))
        )
    )
    assert len({user.id for user in users}) == 1
    assert [user.name for user in await store.list_users("default")] == ["Marta"]
    for number in range(2):
        assert await store.find_session(f"session {number}", NOON, is_use=True) is not None


async def test_subjects_of_other_issuers_are_others(store: SqlStore) -> None:
    """The same subject at another issuer is another person."""
    for identity in (MARTA, Identity("https://another.example", "17", "Marta")):
        await store.sign_in("default", identity, VIEWER, identity.issuer, HERE, NOON, "")
    assert sorted(user.name for user in await store.list_users("default")) == ["Marta", "Marta 2"]


async def test_a_subject_is_a_user_of_one_workspace(store: SqlStore) -> None:
    """In another workspace nobody comes in, and the user's sessions end, until the user is disabled."""
    user = await store.sign_in("default", MARTA, VIEWER, "first", HERE, NOON, "")
    assert await store.sign_in("another", MARTA, VIEWER, "second", HERE, NOON, "") == user
    for token in ("first", "second"):
        assert await store.find_session(token, NOON, is_use=True) is None
    await store.disable_user("default", user.id, HERE, NOON)
    assert (await store.sign_in("another", MARTA, VIEWER, "third", HERE, NOON, "")).name == "Marta 2"
    assert await store.find_session("third", NOON, is_use=True) is not None
