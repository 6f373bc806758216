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

    It holds all data, readable for its owner only, but not the secret keys: back up `secret.key` and `journal.jsonl`
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
    releases it, and then looks into each conversation before it writes. What the journal beside the secret keys has of
    the time since the backup is done again: erasures, the do-not-contact list, revoked keys, disabled users, webhooks.
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
            "doneAgain": dict(done.again),
            "runningCampaigns": done.campaigns,
            "replaced": str(done.replaced) if done.replaced else None,
            "journalGap": done.gap,
        }
    )
    command.out.print(f"Restored the backup of {format_time(done.backup_at)}.")
    if done.replaced:
        command.out.print(f"The former store is at {done.replaced}.")
    for kind, count in done.again.items():
        command.out.print(f"{_AGAIN[kind]}: {count}")
    if done.gap:
        command.out.hint(
            f"{done.gap}: who opted out or was erased after the backup can be written to, and keys, users and webhooks "
            "that were shut since are open. Put a copy of the journal there and restore again, or shut them by hand "
            "before you release an account."
        )
    command.out.hint(
        f"Held until you release them: {counted(done.accounts, 'account', 'accounts')}, by "
        "`confrere accounts release-hold`.\nEvery user has to log in anew. Look at what nobody can know here:\n"
        f"- `confrere campaigns list`: those that run go on with their account ({done.campaigns} of them);\n"
        "- `confrere keys list`: keys that were made after the backup are unknown;\n"
        "- daily limits and pacing are those of the backup."
    )


_AGAIN = {
    "erased": "People erased again",
    "listed": "People put on the do-not-contact list again",
    "unlisted": "People taken off the do-not-contact list again",
    "key_revoked": "Keys revoked again",
    "user_disabled": "Users disabled again",
    "login_changed": "Users who changed their login after the backup, and need `confrere users reset`",
    "webhook_changed": "Webhooks disabled, since they were changed after the backup: correct and enable them",
    "webhook_deleted": "Webhooks deleted again",
    "account_disabled": "Accounts disabled again",
    "account_disconnected": "Accounts disconnected again",
    "campaign_paused": "Campaigns paused, since they were paused or stopped after the backup",
}
"""What was done again, by its kind in the journal."""
