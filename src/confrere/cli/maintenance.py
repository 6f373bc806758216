"""Maintenance: `doctor`, `migrate`, `accept-clock`, `secrets rotate`, `settings`."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import typer

from confrere.cli.command import AsJson, Command, Yes
from confrere.cli.exit_codes import ExitCode
from confrere.cli.output import counted
from confrere.cli.times import format_time
from confrere.domain.installation import Finding

secrets_app = typer.Typer(no_args_is_help=True, help="The key that encrypts sessions and texts.")

_MARKS: Final = {True: "ok", False: "WRONG"}


def doctor(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Check settings, key, store, LinkedIn's address and every account's session, and name the remedies.

    LinkedIn is asked once about every account's session. The exit code is 1 when something is wrong.
    """
    command = Command(context, as_json=as_json)
    runtime = command.runtime
    with command.out.busy("Checking"):
        findings: Sequence[Finding] = asyncio.run(runtime.diagnose())
    well = all(finding.ok for finding in findings)
    command.out.document(
        {
            "ok": well,
            "findings": [
                {"subject": one.subject, "ok": one.ok, "detail": one.detail, "remedy": one.remedy} for one in findings
            ],
        }
    )
    command.out.table(("", "what", "state"), ((_MARKS[one.ok], one.subject, _as_json(one)) for one in findings))
    if not well:
        raise typer.Exit(ExitCode.NOT_DONE)
    command.out.hint("All is well.")


def migrate(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Bring the store up to date. Back it up before; stop what uses it."""
    command = Command(context, as_json=as_json)
    runtime = command.runtime
    with command.out.busy("Migrating"):
        names = list(asyncio.run(runtime.migrate()))
    command.out.document({"migrations": names})
    for name in names:
        command.out.print(f"Ran {name}.")
    if not names:
        command.out.print("The store is up to date.")


def accept_clock(context: typer.Context, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """Confirm that this machine's clock is right, after it was ahead.

    Accounts that used days which have not come send nothing until then. This counts what they used as used today, so
    that no day is given twice. A clock that PostgreSQL or another process contradicts is refused.
    """
    command = Command(context, as_json=as_json)
    command.confirm(f"Is it {format_time(datetime.now(UTC))} now?", yes=yes)
    accounts = command.ask(lambda services: services.health.accept_clock())
    command.out.document({"accounts": accounts})
    command.out.print(f"Accounts whose later days count as today: {accounts}.")


@secrets_app.command("rotate")
def rotate_secrets(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Encrypt everything that is stored with a new key.

    Stopped halfway, it loses nothing and can be run again. Where the keys come from CONFRERE_SECRET_KEYS, put the new
    one first there before, and take the old ones away after.
    """
    command = Command(context, as_json=as_json)
    runtime = command.runtime
    with command.out.progress("Encrypting anew") as report:
        written = asyncio.run(runtime.rotate_secrets(report))
    command.out.document({"written": written})
    command.out.print(f"Encrypted {counted(written, 'value', 'values')} anew.")


def show_settings(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show every setting, what it is now, and what it means. Secrets are shown as 'set'."""
    command = Command(context, as_json=as_json)
    rows = command.runtime.settings()
    command.out.document(
        [{"name": row.name, "value": row.value, "default": row.default, "description": row.description} for row in rows]
    )
    command.out.table(
        ("name", "value", "default", "meaning"),
        ((row.name, row.value or "-", row.default or "-", row.description) for row in rows),
    )


def _as_json(finding: Finding) -> str:
    return finding.detail if finding.remedy is None else f"{finding.detail}\n→ {finding.remedy}"
