"""The tree of commands, and the conversion of every error to one line and an exit code."""

import io
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from confrere.cli import (
    accounts,
    audience_progress,
    audiences,
    audit,
    backups,
    campaign_people,
    campaign_progress,
    campaigns,
    demo,
    do_not_contact,
    groups,
    keys,
    maintenance,
    pacing,
    people,
    replies,
    send,
    sends,
    servers,
    templates,
    users,
    webhooks,
    workspaces,
)
from confrere.cli.command import BuildRuntime
from confrere.cli.exit_codes import MEANING, CommandFailed, ExitCode, explain
from confrere.cli.option_names import COMMAND, with_option_name
from confrere.cli.output import OutputLost, discard, is_stuck, write_error_line, write_failure
from confrere.cli.runtime import SetupError
from confrere.cli.workspace import OPTION
from confrere.domain.errors import ConfrereError, InvalidField

EPILOG = "Exit codes:\n" + "\n".join(f"  {int(code):>3}  {meaning}" for code, meaning in MEANING.items())


class Commands(TyperGroup):
    """The command group; whatever happens, it exits with one of our exit codes."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002, FBT001, FBT002 - the signature is Typer's; ends the process always
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002 - as above
        **extra: Any,
    ) -> NoReturn:
        """Run the command that the arguments name, and end the process."""
        arguments = sys.argv[1:] if args is None else list(args)
        try:
            ended = super().main(
                arguments,
                prog_name or "confrere",
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
            code = ended if isinstance(ended, int) else ExitCode.OK
        except Exception as fault:  # noqa: BLE001 - the last resort, which shows types and places only
            failure = _failure(fault)
            if failure.text:
                write_failure(failure, as_json="--json" in arguments)
            code = failure.code
        if code == ExitCode.INTERRUPTED:
            write_error_line("Interrupted.")
        sys.exit(code)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command; name an invalid field by the option that was typed."""
        try:
            return super().invoke(ctx)
        except InvalidField as fault:
            if command := ctx.meta.get(COMMAND):
                raise with_option_name(fault, command) from fault
            raise

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """Find the command; where there is none, suggest one whose name begins like it."""
        begins = [name for name in self.commands if args[0].startswith(f"{name}-")]
        if args[0] not in self.commands and begins:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {max(begins, key=len)!r}?")
        return super().resolve_command(ctx, args)


def _failure(fault: Exception) -> CommandFailed:
    match fault:
        case CommandFailed():
            return fault
        case ConfrereError() | SetupError():
            return explain(fault)
        case OutputLost():
            text = "" if fault.reader_left else f"The result cannot be written to standard output: {fault}"
            return CommandFailed(text, "What was asked may have been done all the same", code=ExitCode.OUTPUT)
        case OSError() if is_stuck(sys.stdout):  # Typer's own output, such as a page of help
            discard(sys.stdout)
            return _failure(OutputLost(fault))
        case typer.TyperException():
            return _usage(fault)
        case typer.Abort():
            return CommandFailed("You broke off, so nothing was changed")
        case _:
            return _bug(fault)


def _usage(fault: typer.TyperException) -> CommandFailed:
    """Return the text of a usage error; empty where the help was shown instead."""
    command = getattr(getattr(fault, "ctx", None), "command_path", "confrere")
    return CommandFailed(fault.format_message(), f"`{command} --help` shows how", code=ExitCode.USAGE)


def _bug(fault: Exception) -> CommandFailed:
    """Describe a bug by types and places, without the exception's text, which may quote a secret."""
    write_error_line("".join(traceback.format_tb(fault.__traceback__)).rstrip())
    return CommandFailed(
        f"A fault in confrere: {type(fault).__name__}", "Please report it with the lines above", code=ExitCode.BUG
    )


app = typer.Typer(
    name="confrere",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Confrere sends LinkedIn messages to fellow group members: within quota, exactly once, truthfully.",
    epilog=EPILOG,
)

_RUN = "Run"
_SEND = "Send"
_MANAGE = "Manage"
_UPKEEP = "Maintain it"

app.command("up", rich_help_panel=_RUN)(servers.up)
app.command("serve", rich_help_panel=_RUN)(servers.serve)
app.command("mcp", rich_help_panel=_RUN)(servers.serve_agent)
app.command("worker", rich_help_panel=_RUN)(servers.work)
app.command(
    "sandbox",
    rich_help_panel=_RUN,
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(servers.run_sandbox)
app.command("demo", rich_help_panel=_RUN)(demo.pull_plug)
app.command("send", rich_help_panel=_SEND)(send.send_message)
app.add_typer(sends.app, name="sends", rich_help_panel=_SEND)
app.add_typer(groups.app, name="groups", rich_help_panel=_SEND)
people.app.command("show")(campaign_people.show_person)
app.add_typer(people.app, name="people", rich_help_panel=_SEND)
audiences.app.command("watch")(audience_progress.watch_audience)
app.add_typer(audiences.app, name="audiences", rich_help_panel=_SEND)
campaigns.app.command("people")(campaign_people.list_people)
campaigns.app.command("person")(campaign_people.show_campaign_person)
campaigns.app.command("add")(campaign_people.add_people)
campaigns.app.command("hold")(campaign_people.hold_person)
campaigns.app.command("release")(campaign_people.release_person)
campaigns.app.command("export")(campaign_people.export_people)
campaigns.app.command("watch")(campaign_progress.watch_campaign)
app.add_typer(templates.app, name="templates", rich_help_panel=_SEND)
app.add_typer(campaigns.app, name="campaigns", rich_help_panel=_SEND)
app.add_typer(replies.app, name="replies", rich_help_panel=_SEND)
app.command("why-not-yet", rich_help_panel=_SEND)(campaign_people.show_why_not_yet)
app.command("quota", rich_help_panel=_SEND)(accounts.read_quotas)
app.add_typer(accounts.app, name="accounts", rich_help_panel=_MANAGE)
app.add_typer(pacing.app, name="pacing", rich_help_panel=_MANAGE)
app.add_typer(keys.app, name="keys", rich_help_panel=_MANAGE)
app.add_typer(users.app, name="users", rich_help_panel=_MANAGE)
app.add_typer(workspaces.app, name="workspaces", rich_help_panel=_MANAGE)
app.add_typer(audit.app, name="audit", rich_help_panel=_MANAGE)
app.add_typer(webhooks.app, name="webhooks", rich_help_panel=_MANAGE)
app.add_typer(do_not_contact.app, name="do-not-contact", rich_help_panel=_MANAGE)
app.command("doctor", rich_help_panel=_UPKEEP)(maintenance.doctor)
app.command("migrate", rich_help_panel=_UPKEEP)(maintenance.migrate)
app.command("accept-clock", rich_help_panel=_UPKEEP)(maintenance.accept_clock)
app.command("backup", rich_help_panel=_UPKEEP)(backups.back_up)
app.command("restore", rich_help_panel=_UPKEEP)(backups.restore)
app.add_typer(maintenance.secrets_app, name="secrets", rich_help_panel=_UPKEEP)
app.command("settings", rich_help_panel=_UPKEEP)(maintenance.show_settings)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # costs memory, and servers do not need it

        typer.echo(version("confrere"))
        raise typer.Exit


@app.callback()
def confrere(
    context: typer.Context,
    *,
    workspace: Annotated[
        str | None,
        typer.Option(
            envvar="CONFRERE_WORKSPACE",
            metavar="ID_OR_NAME",
            help="The workspace that the command works in, where there are several.",
            show_default="the one that the store began with",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=lambda wanted: _show_version(wanted=wanted), is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Confrere sends LinkedIn messages to fellow group members: within quota, exactly once, truthfully."""
    context.meta[OPTION] = workspace or None


def run_cli(build_runtime: BuildRuntime) -> NoReturn:
    """Run the command that the process's arguments name, and end the process.

    build_runtime:  called once, by commands that need the runtime; may raise SetupError.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode gets a question mark, not a crash
    app(obj=build_runtime)
    raise AssertionError("the command ends the process")
