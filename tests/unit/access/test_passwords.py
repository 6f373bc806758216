"""Passwords are hashed at a cost, and verified."""

from confrere.access.passwords import Passwords


async def test_a_password_is_hashed_at_owasps_cost() -> None:
    """A hash says argon2id with 19 MiB and two passes, has a salt of its own, and fits its password only."""
    passwords = Passwords()
    first, second = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert await passwords.verify("correct horse", first)
    assert not await passwords.verify("wrong horse", first)
    assert not await passwords.verify("correct horse", None)
