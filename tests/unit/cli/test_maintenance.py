from confrere.domain.installation import Finding
from tests.fakes.runtime import FakeRuntime
from tests.unit.cli.conftest import Confrere

DEAD = Finding("account Odile Sample", ok=False, detail="LinkedIn asks to log in", remedy="Connect it again")


def test_the_doctor_finds_nothing(confrere: Confrere) -> None:
    """`doctor` exits with 0 if it finds nothing."""
    ran = confrere("doctor")
    assert ran.code == 0
    assert "answers" in ran.out
    assert ran.err == "All is well.\n"


def test_the_doctor_finds_something(runtime: FakeRuntime, confrere: Confrere) -> None:
    """`doctor` prints each finding with its remedy and exits with 1."""
    runtime.findings = [*runtime.findings, DEAD]
    ran = confrere("doctor")
    assert ran.code == 1
    assert "WRONG" in ran.out
    assert "→ Connect it again" in ran.out
    findings = confrere("doctor", "--json")
    assert findings.code == 1
    assert findings.json["ok"] is False
    assert findings.json["findings"][1] == {
        "subject": "account Odile Sample",
        "ok": False,
        "detail": "LinkedIn asks to log in",
        "remedy": "Connect it again",
    }


def test_migrating_prints_what_ran(confrere: Confrere) -> None:
    """`migrate` prints the names of what ran, and next time that there is nothing to do."""
    assert confrere("migrate").out == "Ran 0001_initial.\n"
    assert confrere("migrate").out == "The store is up to date.\n"
    assert confrere("migrate", "--json").json == {"migrations": []}


def test_rotating_secrets_prints_how_many(confrere: Confrere) -> None:
    """Rotating secrets prints the number of re-encrypted values."""
    assert confrere("secrets", "rotate").out == "Encrypted 7 values anew.\n"
    assert confrere("secrets", "rotate", "--json").json == {"written": 7}


def test_settings_are_a_table(confrere: Confrere) -> None:
    """Settings are printed with name, value, default and meaning, and a secret only as set."""
    ran = confrere("settings")
    assert "CONFRERE_PORT" in ran.out
    assert "8123" in ran.out
    assert confrere("settings", "--json").json[1] == {
        "name": "CONFRERE_SECRET_KEYS",
        "value": "set",
        "default": "",
        "description": "Keys that encrypt sessions and texts.",
    }


def test_accepting_the_clock_asks_first(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Accepting the clock needs --yes without a terminal, and reports the number of affected accounts."""
    refused = confrere("accept-clock")
    assert (refused.code, "`--yes`" in refused.err) == (2, True)
    assert confrere("accept-clock", "--yes").out == "Accounts whose later days count as today: 0.\n"
    assert confrere("accept-clock", "--yes", "--json").json == {"accounts": 0}
