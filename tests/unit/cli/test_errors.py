import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from confrere.cli.app import EPILOG, app
from confrere.cli.exit_codes import MEANING, ExitCode, explain
from confrere.cli.runtime import SetupError
from confrere.domain import errors
from confrere.domain.campaigns.audience import Audience, AudienceInUse, AudienceNotReady
from confrere.domain.campaigns.campaign import CampaignStatus, ContentChanged, PersonDeclined, WrongStatus
from confrere.domain.campaigns.saved_template import TemplateInUse
from confrere.domain.campaigns.templates import UnknownVariable, UnknownVariables
from confrere.domain.limits import Action, Quota
from confrere.domain.urns import GroupId
from confrere.domain.webhooks import DeliveryInProgress, WebhookDisabled
from tests.error_kinds import errors_of_domain
from tests.fakes.runtime import NOON, FakeRuntime, setup_error
from tests.unit.cli.conftest import Confrere

QUOTA = Quota(Action.MESSAGE, 150, 150, NOON + timedelta(hours=12))
COLLECTED = Audience("0" * 32, "default", "Buyers", GroupId("42"), "group", NOON, 0)
EACH = {
    errors.InvalidField: (errors.InvalidField("--to", "must be a URN"), ExitCode.USAGE),
    errors.MissingFields: (errors.MissingFields("all of it is required"), ExitCode.USAGE),
    errors.AccountDisabled: (errors.AccountDisabled("0" * 24, QUOTA), ExitCode.NOT_DONE),
    errors.SessionNotTaken: (errors.SessionNotTaken("it is dead", None), ExitCode.NOT_DONE),
    errors.Unauthorized: (errors.Unauthorized(), ExitCode.NOT_DONE),
    errors.Forbidden: (errors.Forbidden("admin"), ExitCode.NOT_DONE),
    errors.NotFound: (errors.NotFound("There is no such key"), ExitCode.NOT_DONE),
    errors.KeyInUse: (errors.KeyInUse(QUOTA), ExitCode.NOT_DONE),
    errors.KeyReused: (errors.KeyReused(QUOTA), ExitCode.NOT_DONE),
    errors.NoSession: (errors.NoSession(None, QUOTA), ExitCode.NOT_DONE),
    errors.LimitIsZero: (errors.LimitIsZero(QUOTA), ExitCode.LIMIT),
    errors.LimitReached: (errors.LimitReached("too fast", QUOTA, NOON), ExitCode.LIMIT),
    errors.QuotaUsedUp: (errors.QuotaUsedUp(QUOTA), ExitCode.LIMIT),
    errors.TooFast: (errors.TooFast("MIN_GAP", 1, 1, NOON, QUOTA), ExitCode.LIMIT),
    errors.AccountHeld: (errors.AccountHeld(QUOTA, NOON), ExitCode.LIMIT),
    errors.LoginDelayed: (errors.LoginDelayed(NOON), ExitCode.LIMIT),
    errors.Draining: (errors.Draining(), ExitCode.NOT_DONE),
    errors.StoreDamaged: (errors.StoreDamaged("sqlite: malformed"), ExitCode.STORE),
    errors.ClockWrong: (errors.ClockWrong("it went back"), ExitCode.STORE),
    errors.StoreUnavailable: (errors.StoreUnavailable("sqlite: disk is full"), ExitCode.STORE),
    WrongStatus: (WrongStatus("paused", CampaignStatus.DRAFT), ExitCode.NOT_DONE),
    ContentChanged: (ContentChanged(), ExitCode.NOT_DONE),
    AudienceInUse: (AudienceInUse("Spring", "draft"), ExitCode.NOT_DONE),
    AudienceNotReady: (AudienceNotReady(COLLECTED), ExitCode.NOT_DONE),
    WebhookDisabled: (WebhookDisabled(), ExitCode.NOT_DONE),
    DeliveryInProgress: (DeliveryInProgress(), ExitCode.NOT_DONE),
    TemplateInUse: (TemplateInUse("0" * 32, "Spring"), ExitCode.NOT_DONE),
    UnknownVariables: (UnknownVariables("text", (UnknownVariable("frstName", "firstName"),)), ExitCode.USAGE),
}


def test_every_error_of_the_domain_has_its_exit_code() -> None:
    """Every error of the domain has a text for people and an exit code of the table."""
    assert errors_of_domain() - {PersonDeclined} == set(EACH)  # which the lane runner handles itself
    for fault, code in EACH.values():
        failure = explain(fault)
        assert failure.text
        assert failure.code is code


def test_every_exit_code_has_a_meaning_in_the_help() -> None:
    """`confrere --help` ends with the table of exit codes."""
    assert set(MEANING) == set(ExitCode)
    assert all(f"{int(code):>3}  {meaning}" in EPILOG for code, meaning in MEANING.items())
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
    assert all(meaning in shown for meaning in MEANING.values())


def test_settings_that_cannot_be_used_end_with_one_line(confrere: Confrere) -> None:
    """A SetupError is printed as one line that names the setting, with exit code 2 and no traceback."""

    def build() -> FakeRuntime:
        raise SetupError("CONFRERE_PORT cannot be used: expected `int`")

    done = CliRunner().invoke(app, ["keys", "list"], obj=build)
    assert done.exit_code == ExitCode.USAGE
    assert done.stderr == "Error: CONFRERE_PORT cannot be used: expected `int`.\n"
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (setup_error("The database has pending migrations: run `confrere migrate`"), ExitCode.USAGE),
        (setup_error("postgresql: connection refused", errors.StoreUnavailable("refused")), ExitCode.STORE),
        (errors.StoreUnavailable("sqlite: disk is full"), ExitCode.STORE),
    ],
)
def test_a_store_that_cannot_be_opened_has_its_reason(
    runtime: FakeRuntime, confrere: Confrere, fault: Exception, code: ExitCode
) -> None:
    """A store that cannot be opened is a setup error for a pending migration, and has its own code if unavailable."""
    runtime.fault = fault
    ran = confrere("accounts", "list")
    assert (ran.code, ran.out) == (code, "")
    assert str(fault) in ran.err
    assert ran.err.count("\n") == 1
    assert confrere("accounts", "list", "--json").json["exitCode"] == code


def test_usage_errors_are_one_line_and_an_object() -> None:
    """A missing option is reported in one line with the help, and with --json as an object on standard output."""
    done = CliRunner().invoke(app, ["send", "--group", "1", "--json"], obj=None)
    assert done.exit_code == ExitCode.USAGE
    assert done.stderr == "Error: Missing option '--to'. `confrere send --help` shows how.\n"
    assert json.loads(done.stdout) == {
        "success": False,
        "error": "Missing option '--to'.",
        "remedy": "`confrere send --help` shows how",
        "exitCode": 2,
    }


@pytest.mark.parametrize("arguments", [["bogus"], ["keys", "bogus"], ["up", "--port", "70000"], ["sends", "list", "x"]])
def test_wrong_arguments_end_with_2(confrere: Confrere, arguments: list[str]) -> None:
    """Unknown commands and values out of range exit with 2 and without a traceback."""
    ran = confrere(*arguments)
    assert (ran.code, ran.out) == (ExitCode.USAGE, "")
    assert ran.err.startswith("Error: ")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("arguments", [[], ["keys"], ["accounts"]])
def test_without_a_command_the_help_is_shown(confrere: Confrere, arguments: list[str]) -> None:
    """A group without a command prints its commands."""
    ran = confrere(*arguments)
    assert ran.code == ExitCode.USAGE
    assert "Usage: " in ran.out
    assert ran.err == ""


def test_a_bug_is_printed_with_places_and_without_values(runtime: FakeRuntime, confrere: Confrere) -> None:
    """An unexpected exception is printed with type and place, and without its text, which may quote a secret."""
    runtime.fault = KeyError("li_at=secret-cookie")
    ran = confrere("quota", "--json")
    assert ran.code == ExitCode.BUG
    assert "KeyError" in ran.err
    assert "fakes/runtime.py" in ran.err
    assert "secret-cookie" not in ran.err + ran.out
    assert ran.json["exitCode"] == ExitCode.BUG


def test_secrets_in_an_error_are_redacted(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Passwords and cookies in a library's error text are redacted."""
    runtime.fault = setup_error("cannot reach postgresql://user:hunter2@db/x with li_at=AQEDsecret")
    ran = confrere("quota", "--json")
    assert "hunter2" not in ran.err + ran.out
    assert "AQEDsecret" not in ran.err + ran.out


def test_control_characters_do_not_reach_the_terminal(runtime: FakeRuntime, confrere: Confrere) -> None:
    """Control characters in texts by others are removed on the terminal and escaped in JSON."""
    runtime.fault = setup_error("evil \x1b]0;title\x07 and \u202eback")
    ran = confrere("quota")
    assert not {"\x1b", "\x07", "\u202e"} & set(ran.err)


def test_an_interrupt_ends_with_130(runtime: FakeRuntime, confrere: Confrere, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C prints one word without a traceback and exits with 130."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runtime, "settings", interrupt)
    ran = confrere("settings")
    assert (ran.code, ran.err) == (ExitCode.INTERRUPTED, "Interrupted.\n")


def test_the_version_needs_no_settings() -> None:
    """`--version` prints the package's version."""
    done = CliRunner().invoke(app, ["--version"], obj=None)
    assert (done.exit_code, done.stdout) == (0, "0.1.0\n")
