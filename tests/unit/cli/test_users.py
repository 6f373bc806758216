"""`confrere users`: links that work once, and who may log in."""

from urllib.parse import parse_qs, urlsplit

import pytest

from confrere.access.totp import code_at, step_at
from confrere.cli.exit_codes import ExitCode
from confrere.domain.account import Account
from confrere.domain.audit import Actor, ActorKind
from confrere.domain.errors import Unauthorized
from confrere.domain.users import Rights, Role, User
from confrere.services import Services
from tests.fakes.runtime import URL, FakeRuntime
from tests.unit.cli.conftest import Confrere

HERE = Actor(ActorKind.NOBODY, address="127.0.0.1")
PASSWORD = "correct horse battery"


def token_of(url: str) -> str:
    """Return the token of a printed link."""
    assert url.startswith(f"{URL}/console/enter?token=")
    return parse_qs(urlsplit(url).query)["token"][0]


def enter(runtime: FakeRuntime, url: str, name: str = "") -> User:
    """Open the link as a person does, and return who is logged in then."""
    session = runtime.do(lambda services: services.logins.redeem(token_of(url), HERE, name=name, password=PASSWORD))
    user = runtime.do(lambda services: services.logins.find(session))
    assert user is not None
    return user


def test_an_invited_person_becomes_a_user(confrere: Confrere, runtime: FakeRuntime, account: Account) -> None:
    """The printed link makes one user, with the rights that the command names; the list shows them."""
    assert "There is no user yet" in confrere("users", "list").err
    made = confrere("users", "invite", "--role", "writer", "--inbox", "--account", account.id, "--json").json
    assert list(made) == ["url", "role", "inbox", "accountIds", "expiresAt"]
    user = enter(runtime, made["url"], "Odile")
    assert user.rights == Rights(Role.WRITER, inbox=True, accounts=frozenset({account.id}))
    listed = confrere("users", "list", "--json").json
    assert [(one["name"], one["role"], one["accountIds"]) for one in listed] == [("Odile", "writer", [account.id])]
    assert confrere("users", "list").out.count("Odile") == 1


def test_the_link_alone_is_on_standard_output(confrere: Confrere, runtime: FakeRuntime) -> None:
    """A shell can keep the link; what it is good for is printed beside it. Without a role it is a viewer's."""
    ran = confrere("users", "invite")
    assert ran.out.count("\n") == 1
    assert "works once" in ran.err
    assert enter(runtime, ran.out.strip(), "Odile").rights == Rights(Role.VIEWER)


def test_a_reset_leads_to_a_new_password(confrere: Confrere, runtime: FakeRuntime) -> None:
    """Until the link is used the former password is good; a disabled user is enabled by it."""
    enter(runtime, confrere("users", "invite").out.strip(), "Odile")
    assert confrere("users", "disable", "odile", "--yes").code == ExitCode.OK
    with pytest.raises(Unauthorized):
        runtime.do(lambda services: services.logins.log_in("default", "Odile", PASSWORD, HERE))
    assert confrere("users", "list", "--json").json[0]["disabledAt"] is not None
    user = enter(runtime, confrere("users", "reset", "ODILE").out.strip())
    assert (user.name, user.disabled_at) == ("Odile", None)


def test_wrong_values_are_named(confrere: Confrere) -> None:
    """An unknown user or account, and an owner of some accounts only, are refused with the remedy."""
    for command in (("reset", "Nobody"), ("disable", "Nobody", "--yes")):
        ran = confrere("users", *command)
        assert ran.code != ExitCode.OK
        assert "confrere users list" in ran.err
    assert "confrere accounts list" in confrere("users", "invite", "--account", "0" * 24).err
    assert "--account" in confrere("users", "invite", "--account", "x").err
    assert "--role owner" in confrere("users", "invite", "--role", "owner", "--account", "0" * 24).err
    assert confrere("users", "disable", "Nobody").code == ExitCode.USAGE


def test_sessions_are_shown_and_ended(confrere: Confrere, runtime: FakeRuntime) -> None:
    """Each browser is shown with address and times; a logout ends all, and asks first."""
    made = confrere("users", "invite", "--json").json
    assert confrere("users", "sessions", "odile").code == ExitCode.NOT_DONE
    enter(runtime, made["url"], "Odile")
    (session,) = confrere("users", "sessions", "odile", "--json").json
    assert list(session) == ["id", "createdAt", "lastUsedAt", "address", "browser"]
    assert session["address"] == "127.0.0.1"
    assert "127.0.0.1" in confrere("users", "sessions", "odile").out
    assert confrere("users", "logout", "odile", "--yes").out == "Logged out: 1 browser.\n"
    assert "logged in nowhere" in confrere("users", "sessions", "odile").err
    assert confrere("users", "logout", "odile", "--yes", "--json").json == {"ended": 0}


def test_a_second_factor_is_taken_off(confrere: Confrere, runtime: FakeRuntime) -> None:
    """Who has one is listed; the option takes it off, and prints no link; without one there is nothing to take off."""
    user = enter(runtime, confrere("users", "invite").out.strip(), "Odile")
    assert confrere("users", "reset", "odile", "--totp").code == ExitCode.NOT_DONE

    async def set_up(services: Services) -> None:
        setup = await services.second_factors.begin(user)
        assert setup is not None
        await services.second_factors.confirm(user, code_at(setup.secret, step_at(services.clock())), HERE)

    runtime.do(set_up)
    assert confrere("users", "list", "--json").json[0]["hasSecondFactor"]
    assert "password and code" in confrere("users", "list").out
    ran = confrere("users", "reset", "odile", "--totp")
    assert "is off" in ran.out
    assert "token=" not in ran.out
    assert not confrere("users", "list", "--json").json[0]["hasSecondFactor"]
