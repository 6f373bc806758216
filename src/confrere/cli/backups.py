"""`confrere backup` and `confrere restore`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from confrere.cli.command import AsJson, Command, Yes
from confrere.cli.output import counted
from confrere.cli.times import format_time
from confrere.domain.limits import iso_z

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup's file.", dir_okay=False)]


def back_up(context: typer.Context, file: File, *, as_json: AsJson = False) -> None:
    """Write a consistent copy of the store to a new file, while everything runs.

    It holds all data, readable for its owner only, but not the secret keys: back up `secret.key` and `erasures.jsonl`
    in the data folder too, and keep them apart from it.
    """
    command = Command(context, as_json=as_json)
    runtime = command.runtime
    with command.out.progress("Backing up") as report:
        size = asyncio.run(runtime.back_up(file, report))
    command.out.document({"file": str(file), "bytes": size})
    command.out.print(f"Wrote {file} ({size / 1e6:.1f} MB).")
    command.out.hint("The secret keys are not in it: without them nobody can read it.")


def restore(
    context: typer.Context,
    file: File,
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a store that is not empty.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the store's place. Stop everything that uses the store before.

    Messages that were sent after the backup are in no row: every account is held until `accounts release-hold`
    releases it, and then looks into each conversation before it writes. People who were erased are erased again.
    """
    command = Command(context, as_json=as_json)
    command.confirm(f"Put {file} in the place of the store?", yes=yes or not replace)
    runtime = command.runtime
    with command.out.progress("Restoring") as report:
        done = asyncio.run(runtime.restore(file, report, replace=replace))
    command.out.document(
        {
            "backupAt": iso_z(done.backup_at),
            "accountsHeld": done.accounts,
            "erasedAgain": done.erased,
            "replaced": str(done.replaced) if done.replaced else None,
        }
    )
    command.out.print(f"Restored the backup of {format_time(done.backup_at)}.")
    if done.replaced:
        command.out.print(f"The former store is at {done.replaced}.")
    if done.erased:
        command.out.print(f"Erased {counted(done.erased, 'person', 'people')} again.")
    command.out.hint(
        f"Held until you release them: {counted(done.accounts, 'account', 'accounts')}.\n"
        "`confrere accounts release-hold` releases one. Keys revoked since then are valid again: `confrere keys list`."
    )
