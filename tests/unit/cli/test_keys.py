from datetime import timedelta

import pytest

from confrere.domain.errors import Unauthorized
from confrere.domain.keys import Scope, looks_real
from tests.fakes.runtime import NOON, FakeRuntime
from tests.unit.cli.conftest import Confrere


def test_a_key_is_printed_once_and_works(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A new key alone is on standard output for the shell, works, and is shown nowhere later."""
    ran = confrere("keys", "create", "--name", "crm")
    key = ran.out.strip()
    assert ran.code == 0
    assert looks_real(key)
    assert "shown this once" in ran.err
    assert key not in ran.err
    assert runtime.do(lambda services: services.keys.authenticate(key)).scopes == {Scope.SEND}
    listed = confrere("keys", "list")
    assert "crm" in listed.out
    assert key not in listed.out + listed.err + confrere("keys", "list", "--json").out


def test_a_key_as_json(confrere: Confrere) -> None:
    """The JSON of a new key has scopes, the end of its duration, and the key."""
    made = confrere(
        "keys", "create", "--name", "x", "--scope", "read", "--scope", "admin", "--expires-in", "30d", "--json"
    )
    assert list(made.json) == [
        "id", "name", "visiblePart", "scopes", "createdAt", "expiresAt", "revokedAt", "lastUsedAt", "key",
    ]  # fmt: skip
    assert made.json["scopes"] == ["admin", "read"]
    assert made.json["expiresAt"] == "2026-04-13T12:00:00Z"


def test_an_expired_key_is_marked(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A date as end is midnight UTC of that day, and the list marks expired keys."""
    confrere("keys", "create", "--name", "x", "--expires-at", "2026-03-15")
    assert "good until 2026-03-15 00:00 UTC" in confrere("keys", "list").out
    runtime.now = NOON + timedelta(days=1)
    assert "expired 2026-03-15 00:00 UTC" in confrere("keys", "list").out


@pytest.mark.parametrize(
    "options",
    [
        ["--name", " "],
        ["--name", "x", "--expires-in", "soon"],
        ["--name", "x", "--expires-in", "0d"],
        ["--name", "x", "--expires-at", "2026-03-14T13:00:00"],
        ["--name", "x", "--expires-at", "2020-01-01"],
        ["--name", "x", "--expires-at", "0001-01-01T00:00:00+10:00"],
        ["--name", "x", "--expires-at", "2027-01-01", "--expires-in", "1d"],
        ["--name", "x", "--scope", "root"],
        [],
    ],
)
def test_a_key_that_cannot_be_made(confrere: Confrere, options: list[str]) -> None:
    """A wrong option is named, and no key is created."""
    ran = confrere("keys", "create", *options)
    assert ran.code == 2
    assert "--" in ran.err
    assert confrere("keys", "list", "--json").json == []


def test_a_revoked_key_opens_nothing(runtime: FakeRuntime, confrere: Confrere) -> None:
    """A revoked key is rejected at once and listed as revoked."""
    made = confrere("keys", "create", "--name", "x", "--json").json
    assert confrere("keys", "revoke", made["id"]).code == 0
    with pytest.raises(Unauthorized):
        runtime.do(lambda services: services.keys.authenticate(made["key"]))
    assert confrere("keys", "list", "--json").json[0]["revokedAt"] == "2026-03-14T12:00:00Z"
    assert "revoked" in confrere("keys", "list").out


def test_an_unknown_key_cannot_be_revoked(confrere: Confrere) -> None:
    """Revoking an unknown key names the command that lists the ids."""
    ran = confrere("keys", "revoke", "nope")
    assert ran.code == 1
    assert ran.err == "Error: There is no such key in this workspace. `confrere keys list` shows the keys' ids.\n"
