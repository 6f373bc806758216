from confrere.cli.house import Finding
from tests.fakes.house import FakeHouse
from tests.unit.cli.conftest import Confrere

DEAD = Finding("account Odile Sample", ok=False, detail="LinkedIn asks to log in", remedy="Connect it again")


def test_the_doctor_finds_nothing(confrere: Confrere) -> None:
    """All well: exit code 0."""
    ran = confrere("doctor")
    assert ran.code == 0
    assert "answers" in ran.out
    assert ran.err == "All is well.\n"


def test_the_doctor_finds_something(house: FakeHouse, confrere: Confrere) -> None:
    """What is wrong stands with its remedy, and the exit code is 1."""
    house.findings = [*house.findings, DEAD]
    ran = confrere("doctor")
    assert ran.code == 1
    assert "WRONG" in ran.out
    assert "→ Connect it again" in ran.out
    told = confrere("doctor", "--json")
    assert told.code == 1
    assert told.json["ok"] is False
    assert told.json["findings"][1] == {
        "subject": "account Odile Sample",
        "ok": False,
        "detail": "LinkedIn asks to log in",
        "remedy": "Connect it again",
    }


def test_migrating_tells_what_ran(confrere: Confrere) -> None:
    """The names, and next time that there is nothing to do."""
    assert confrere("migrate").out == "Ran 0001_initial.\n"
    assert confrere("migrate").out == "The store is up to date.\n"
    assert confrere("migrate", "--json").json == {"migrations": []}


def test_rotating_secrets_tells_how_many(confrere: Confrere) -> None:
    """The count."""
    assert confrere("secrets", "rotate").out == "Encrypted 7 values anew.\n"
    assert confrere("secrets", "rotate", "--json").json == {"written": 7}


def test_settings_are_a_table(confrere: Confrere) -> None:
    """Name, value, default and meaning; a secret is only said to be set."""
    ran = confrere("settings")
    assert "CONFRERE_PORT" in ran.out
    assert "8123" in ran.out
    assert confrere("settings", "--json").json[1] == {
        "name": "CONFRERE_SECRET_KEYS",
        "value": "set",
        "default": "",
        "description": "Keys that encrypt sessions and texts.",
    }


def test_accepting_the_clock_asks_first(house: FakeHouse, confrere: Confrere) -> None:
    """Without a terminal it needs --yes; then it says how many accounts it was about."""
    refused = confrere("accept-clock")
    assert (refused.code, "`--yes`" in refused.err) == (2, True)
    assert confrere("accept-clock", "--yes").out == "Accounts whose later days count as today: 0.\n"
    assert confrere("accept-clock", "--yes", "--json").json == {"accounts": 0}
