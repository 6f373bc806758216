"""The parts that every command uses: the runtime, its services and its output."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from confrere.cli.exit_codes import CommandFailed, ExitCode
from confrere.cli.option_names import COMMAND
from confrere.cli.output import Output
from confrere.cli.runtime import Runtime
from confrere.cli.workspace import OPTION, enter_workspace
from confrere.domain.audit import COMMAND_LINE, acting_as
from confrere.domain.errors import NotFound

if TYPE_CHECKING:
    from confrere.services import Services

T = TypeVar("T")

BuildRuntime = Callable[[], Runtime]

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]

SEE_ACCOUNTS = "`confrere accounts list` shows the accounts, `confrere accounts connect` adds one"


class Command:
    """One run of a command."""

    def __init__(self, context: typer.Context, *, as_json: bool) -> None:
        self._context = context
        context.meta[COMMAND] = context.command
        self._build_runtime: BuildRuntime = context.obj
        self.out = Output(as_json=as_json)

    @cached_property
    def runtime(self) -> Runtime:
        """The runtime, built when it is first needed. Raises SetupError."""
        return self._build_runtime()

    def ask(
        self, work: "Callable[[Services], Awaitable[T]]", *, if_missing: str | None = None, create: bool = False
    ) -> T:
        """Open the services, do the work and close them.

        if_missing:  the remedy where the work raises NotFound.
        create:      whether to create a store where there is none.
        """
        try:
            return asyncio.run(self._with_services(work, create=create))
        except NotFound as fault:
            named = "--account: " if self._context.params.get("account") else ""
            raise CommandFailed(f"{named}{fault}", if_missing) from fault

    async def _with_services(self, work: "Callable[[Services], Awaitable[T]]", *, create: bool) -> T:
        async with self.runtime.open_services(create=create) as services:
            await enter_workspace(services, self._context.meta.get(OPTION))
            with acting_as(COMMAND_LINE):
                return await work(services)

    def confirm(self, question: str, *, yes: bool) -> None:
        """Ask for a confirmation. Raises CommandFailed where it is not given."""
        if yes:
            return
        if not sys.stdin.isatty():
            raise CommandFailed("This needs a confirmation", "Use `--yes` if you are sure", code=ExitCode.USAGE)
        if not typer.confirm(question, err=True):
            raise CommandFailed("You did not confirm, so nothing was changed")
