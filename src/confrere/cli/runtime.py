"""The port by which the command line reaches settings, store and servers; `wiring` implements it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from confrere.domain.installation import Finding, SettingRow
from confrere.domain.keys import Scope
from confrere.domain.session import Session

if TYPE_CHECKING:  # importing it takes longer than showing a page of help
    from confrere.services import Services


@dataclass(frozen=True, slots=True)
class Demo:
    """What a newcomer needs to send a first message in the sandbox."""

    api_key: str
    account_id: str
    group_id: str
    recipient_profile_urn: str
    sandbox_url: str
    data_dir: str


@dataclass(frozen=True, slots=True)
class ReadyServer:
    """A server that answers. console_url: of the console; a one-time link to it where nobody has a user yet."""

    url: str
    console_url: str
    demo: Demo | None


@dataclass(frozen=True, slots=True)
class RestoredBackup:
    """What was restored.

    backup_at:  what was sent later is in no row.
    accounts:   how many are held now.
    again:      what was changed after the backup and was done again: how many of each kind.
    campaigns:  how many are running, and go on as soon as their account is released.
    replaced:   where the former store's file is now; None where there is none.
    gap:        why the journal may lack changes; None where it lacks none.
    """

    backup_at: datetime
    accounts: int
    again: Mapping[str, int]
    campaigns: int
    replaced: Path | None
    gap: str | None = None


class Runtime(Protocol):
    """What commands can start. Every method may raise SetupError."""

    def settings(self) -> Sequence[SettingRow]:
        """Return all settings."""
        ...

    def console_url(self) -> str:
        """Return the console's address for links, without a slash at its end."""
        ...

    def open_services(self, *, create: bool = False) -> "AbstractAsyncContextManager[Services]":
        """Open the services on the store. Raises SetupError on a pending migration.

        create:  whether to create a store where there is none; otherwise that raises SetupError, too.
        """
        ...

    async def migrate(self) -> Sequence[str]:
        """Run the pending migrations; return their names."""
        ...

    async def rotate_secrets(self, progress: Callable[[int, int], None]) -> int:
        """Encrypt everything with a new key; return how many values were written.

        progress:  called with (done, total) from time to time.
        """
        ...

    async def back_up(self, file: Path, progress: Callable[[int, int], None]) -> int:
        """Write a consistent copy of the store to a new file, while it is in use; return its size in bytes."""
        ...

    async def restore(self, file: Path, progress: Callable[[int, int], None], *, replace: bool) -> RestoredBackup:
        """Put a backup in the store's place; every account is held then.

        replace:  whether a store that is there may be replaced.
        """
        ...

    def read_session(self, pasted: str, user_agent: str | None) -> Session:
        """Parse a session that was copied from a browser. Raises InvalidField."""
        ...

    async def diagnose(self) -> Sequence[Finding]:
        """Check settings, key, store, LinkedIn's address and every account's session; raises nothing."""
        ...

    async def serve(
        self,
        *,
        host: str | None,
        port: int | None,
        with_worker: bool,
        with_sandbox: bool,
        migrate: bool,
        on_ready: Callable[[ReadyServer], None],
    ) -> None:
        """Serve until a signal. `on_ready` is called once it answers."""
        ...

    async def serve_agent(self, scopes: Collection[Scope], workspace: str | None) -> None:
        """Serve an agent on standard input and output until it disconnects or a signal comes, with these scopes.

        workspace:  the id or name of the one that it works in; None for the first one.
        """
        ...

    async def work(self, *, on_ready: Callable[[], None]) -> None:
        """Run the worker until a signal; `on_ready` is called once it runs."""
        ...


class SetupError(Exception):
    """The server or a service cannot start; the text holds the reason and the remedy."""
