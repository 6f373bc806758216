"""What the command line needs of the rest of the runtime; `wiring` provides it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from confrere.domain.keys import Scope
from confrere.domain.session import Session

if TYPE_CHECKING:  # importing it takes longer than showing a page of help
    from confrere.services import Services

WORKSPACE = "default"
"""The one workspace that the command line works in."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One line of the settings' table. `value` is what is in force, "set" for a secret."""

    name: str
    default: str
    value: str
    description: str


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
class Finding:
    """One thing that `doctor` looked at. remedy: what to do, None where all is well."""

    subject: str
    ok: bool
    detail: str
    remedy: str | None = None


class Runtime(Protocol):
    """The parts that the commands put to work. Every method may raise SetupError."""

    def settings(self) -> Sequence[SettingRow]:
        """All settings."""
        ...

    def open_services(self, *, create: bool = False) -> "AbstractAsyncContextManager[Services]":
        """The product on its store; refused on a pending migration.

        create:  make the store where there is none yet; otherwise its absence is refused, too.
        """
        ...

    async def migrate(self) -> Sequence[str]:
        """Bring the store up to date; the names of the migrations that were run."""
        ...

    async def rotate_secrets(self, progress: Callable[[int, int], None]) -> int:
        """Make a new key, encrypt everything stored with it and forget the old one; how many values were written.

        progress: is told (done, all) from time to time.
        """
        ...

    def read_session(self, pasted: str, user_agent: str | None) -> Session:
        """The session in what a person copied from their browser. Raises InvalidField."""
        ...

    async def diagnose(self) -> Sequence[Finding]:
        """Look at settings, key, store, LinkedIn's address and every account's session; raises nothing."""
        ...

    async def serve(
        self,
        *,
        host: str | None,
        port: int | None,
        with_worker: bool,
        with_sandbox: bool,
        migrate: bool,
        on_ready: Callable[[str, Demo | None], None],
    ) -> None:
        """Serve until told to stop. `on_ready` is told the URL, and in the sandbox what to try."""
        ...

    async def serve_agent(self, scope: Scope) -> None:
        """Answer an agent on standard input and output until it leaves or a signal comes; `scope` is what it may do."""
        ...

    async def work(self, *, on_ready: Callable[[], None]) -> None:
        """Be a worker until told to stop; `on_ready` is called when it works."""
        ...


class SetupError(Exception):
    """The product cannot be put to work; the text says why and what to do."""
