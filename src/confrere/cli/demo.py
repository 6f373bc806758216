"""`confrere demo`: kill a server in the midst of a campaign, and show that nothing is lost and nothing sent twice."""

import sys
from typing import TYPE_CHECKING

import msgspec
import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import CommandFailed
from confrere.cli.output import Output, counted

if TYPE_CHECKING:
    from confrere.demo.plug import PlugState


def pull_plug(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Run a campaign of 60 on a sandbox of its own, kill the server three times in its midst, and compare.

    It takes about half a minute, uses free ports of this machine and a folder that is deleted afterwards, and touches
    no store of yours. Exit code 1 where a promise was broken. As JSON: one object a line.
    """
    from confrere.demo.plug import PEOPLE, pull_the_plug  # with its HTTP client

    out, last = Command(context, as_json=as_json).out, None
    with out.progress("Messages at LinkedIn") as progress:
        for state in pull_the_plug():
            out.document(msgspec.to_builtins(state))
            if (last is None or state.step != last.step) and not sys.stderr.isatty():
                out.hint(_line(state))
            progress(state.messages, PEOPLE)
            last = state
    assert last is not None
    _show(out, last)
    if not last.holds:
        raise CommandFailed("A promise was broken", "Please report it with the lines above")


def _line(state: "PlugState") -> str:
    return f"{state.seconds:5.1f} s  {state.step}: {counted(state.messages, 'message', 'messages')} at LinkedIn"


def _show(out: Output, state: "PlugState") -> None:
    for kill in state.kills:
        down = "and did not come back" if kill.down_seconds is None else f"and was back after {kill.down_seconds:.1f} s"
        out.print(f"Killed with SIGKILL when LinkedIn had {kill.messages} of {len(state.people)} messages, {down}.")
    out.table(
        ("person", "messages at LinkedIn", "the campaign says"),
        ((person.name, str(person.messages), person.status.replace("_", " ")) for person in state.people),
    )
    for promise in state.promises:
        out.print(f"{'kept  ' if promise.holds else 'BROKEN'}  {promise.text}: {promise.detail}.")
