from collections.abc import Iterator

import pytest
import typer.main
from typer.core import TyperGroup

from confrere.cli.app import app
from confrere.cli.exit_codes import explain
from confrere.domain.account import Account
from confrere.domain.errors import QuotaUsedUp
from confrere.domain.limits import Action, Quota
from tests.fakes.runtime import NOON
from tests.unit.cli.conftest import Confrere

RECIPIENT = "urn:li:fsd_profile:ACoAABastien"
NEEDED = {
    "send": {"--to": RECIPIENT, "--group": "1", "--message": "x"},
    "keys create": {"--name": "crm"},
    "groups members": {"": "1"},
    "people resolve": {"": "bastien-exemple"},
    "do-not-contact add": {"": RECIPIENT},
    "do-not-contact import": {"": "/nowhere"},
    "pacing set": {"--min-gap": "1"},
    "audiences create": {"--name": "Spring", "--group": "1", "": RECIPIENT},
    "audiences show": {"": "0" * 32},
    "replies answer": {"": "0" * 32, "--message": "x"},
    "audiences add": {"": "0" * 32},
    "audiences watch": {"": "0" * 32},
    "webhooks add": {"": "https://example.com/hook"},
    "webhooks update": {"": "0" * 32},
    "templates create": {"--name": "Welcome", "--text": "x"},
    "templates update": {"": "0" * 32, "--text": "x"},
    "templates preview": {"": "0" * 32},
    "campaigns update": {"": "0" * 32},
    "campaigns texts": {"": "0" * 32},
    "campaigns create": {"--name": "Spring", "--audience": "0" * 32, "--message": "x"},
    "campaigns start": {"": "0" * 32},
    "campaigns people": {"": "0" * 32},
    "campaigns watch": {"": "0" * 32},
    "campaigns add": {"": "0" * 32},
    "campaigns hold": {"": RECIPIENT},
    "campaigns export": {"": "0" * 32},
}
BAD = {
    "--account": "0" * 24,
    "--message": "x" * 8_001,
    "--message-file": "/nowhere",
    "--text": "x" * 20_001,
    "--name": " ",
    "--reason": "x" * 501,
    "--query": "x" * 300,
    "--idempotency-key": "",
    "--min-gap": "0",
    "--hours": "9-17",
    "--time-zone": "Mars",
}
BESIDE = {
    "--hours": {"--time-zone": "UTC"},
    "--time-zone": {"--hours": "09:00-17:00"},
    "--warm-up-from": {"--warm-up-first": "5"},
}
"""Options without which others mean nothing."""
TAKES_ANYTHING = {"--host", "--user-agent"}


def options(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Return every command with each of its options that have a value."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from options(command, (*path, name))
            continue
        for parameter in command.params:
            option = max(parameter.opts, key=len)
            if option.startswith("--") and not getattr(parameter, "is_flag", False) and option not in TAKES_ANYTHING:
                yield " ".join((*path, name)), option


ROOT = typer.main.get_command(app)
assert isinstance(ROOT, TyperGroup)


@pytest.mark.parametrize(("command", "option"), list(options(ROOT)))
def test_a_bad_value_is_refused_by_the_name_of_its_option(
    confrere: Confrere, account: Account, command: str, option: str
) -> None:
    """In every command the error for a bad value names the option."""
    given = {**NEEDED.get(command, {}), option: BAD.get(option, "\x01 bad")}
    for needed, value in BESIDE.get(option, {}).items():
        given.setdefault(needed, value)
    if option in ("--message-file", "--file", "--template"):
        given.pop("--message", None)
        given.pop("--text", None)
    words = [word for name, value in given.items() for word in ((name, value) if name else (value,))]
    ran = confrere(*command.split(), *words)
    assert ran.code in (1, 2), ran
    assert ran.out == ""
    assert f"{option} " in ran.err.replace("'", " ").replace(":", " "), ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("groups", "members", "one"), "ID must be 1 to 19 digits"),
        (("accounts", "set-limit", "ACCOUNT", "151"), "N must be from 0 to 150"),
        (("do-not-contact", "add", "bo"), "URN... must be of the form"),
        (("pacing", "set", "--hours", "09:00-09:00", "--time-zone", "UTC"), "--hours must be another time than"),
        (("pacing", "set", "--writes-per-minute", "0"), "`confrere pacing clear` takes the rule away"),
    ],
)
def test_arguments_are_refused_by_their_name_in_the_help(
    confrere: Confrere, account: Account, arguments: tuple[str, ...], words: str
) -> None:
    """Errors about arguments use the names of the help, and no names of JSON fields."""
    ran = confrere(*[account.id if word == "ACCOUNT" else word for word in arguments])
    assert ran.code == 2
    assert words in ran.err
    assert "sendingHours" not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("do-not-contact", "add", "https://www.linkedin.com/in/bo-exemple"),
        ("audiences", "create", "--name", "Spring", "--group", "1", "bo-exemple"),
        ("audiences", "create", "--name", "Spring", "--group", "1", "--file", "-"),
        ("do-not-contact", "import", "-"),
    ],
)
def test_a_profile_s_address_is_refused_with_the_command_that_resolves_it(
    confrere: Confrere, account: Account, arguments: tuple[str, ...]
) -> None:
    """The error for the address of a profile names `people resolve`, and no HTTP call."""
    ran = confrere(*arguments, given="recipientProfileUrn\nbo-exemple\n")
    assert ran.code != 0
    assert "resolve the address with `confrere people resolve`" in ran.err
    assert "/v1/" not in ran.err


def test_used_up_members_are_not_messages() -> None:
    """The error for used-up member reads has the time from which it can be repeated."""
    members = explain(QuotaUsedUp(Quota(Action.GROUP_MEMBERS, 1_000, 1_000, NOON)))
    messages = explain(QuotaUsedUp(Quota(Action.MESSAGE, 150, 150, NOON)))
    assert (members.remedy or "").startswith("More members can be read from 2026-03-14 12:00 UTC")
    assert (messages.remedy or "").startswith("More can be sent from 2026-03-14 12:00 UTC")


@pytest.mark.parametrize(
    ("typed", "suggested"), [("send-group", "send"), ("sends-list", "sends"), ("kyes", "keys"), ("sned", "send")]
)
def test_a_command_that_does_not_exist_suggests_the_one_that_was_meant(
    confrere: Confrere, typed: str, suggested: str
) -> None:
    """An unknown command is answered with the one whose beginning matches best."""
    assert f"Did you mean '{suggested}'" in confrere(typed).err
