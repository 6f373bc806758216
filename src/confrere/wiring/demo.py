"""The sandbox beside a server, and what a newcomer needs to try it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from confrere.cli.runtime import Demo, SetupError
from confrere.domain.account import Account
from confrere.domain.audit import COMMAND_LINE
from confrere.domain.errors import Unauthorized
from confrere.domain.keys import Scope
from confrere.domain.session import Session
from confrere.domain.users import LINK_LIFETIME, Rights, Role
from confrere.domain.workspaces import DEFAULT_WORKSPACE
from confrere.services import Services

START_SECONDS = 30
FIRST_PORT = 8081
"""The sandbox's port on its first start, if free; later starts use the previous one."""

SANDBOX_REPLIES_SECONDS = 3.0
"""How often a mailbox of the sandbox is read at least: nobody is there whom that could disturb."""

INHERITED = frozenset({"HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ"})
"""The variables that the sandbox inherits, with those that begin with PYTHON or LC_: it needs no secrets."""


SANDBOX_USER = "Sandbox"


class SandboxAccount(msgspec.Struct, rename="camel"):
    """An account of the sandbox's world, with what its browser would have."""

    cookie: str
    user_agent: str


class SandboxNotice(msgspec.Struct, rename="camel"):
    """What the sandbox prints when it is ready."""

    url: str
    group_id: str
    recipient_profile_urn: str
    accounts: list[SandboxAccount]


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox."""

    notice: SandboxNotice

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.notice.url


@asynccontextmanager
async def run_sandbox(state: Path) -> AsyncIterator[Sandbox]:
    """Run the sandbox as a process of its own that ends with this one. Raises SetupError.

    state:  where it keeps its conversations; beside it stands its port, so that links to it outlive a restart.
    """
    state.parent.mkdir(parents=True, exist_ok=True)
    port_file = state.with_name("sandbox.port")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "confrere.sandbox",
        "--json",
        f"--preferred-port={_read_port(port_file)}",
        f"--state={state}",
        "--exit-with-parent",
        stdout=asyncio.subprocess.PIPE,
        env=_environment(os.environ),
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
        notice = msgspec.json.decode(line, type=SandboxNotice)
        port_file.write_text(f"{urlsplit(notice.url).port}\n", "ascii")
        yield Sandbox(notice)
    except (TimeoutError, msgspec.DecodeError) as fault:
        raise SetupError("The sandbox did not start; `confrere sandbox` shows why") from fault
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _read_port(port_file: Path) -> int:
    try:
        return int(port_file.read_text("ascii"))
    except (OSError, ValueError):  # none yet, or not a number: as on the first start
        return FIRST_PORT


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in ours.items() if name in INHERITED or name.startswith(("PYTHON", "LC_"))}


async def prepare_demo(services: Services, sandbox: Sandbox, key_file: Path) -> Demo:
    """Connect the sandbox's first account, and create an API key, where either is missing.

    The demo key is kept in a file for its owner only, so that it stays the same from start to start: it opens nothing
    but the sandbox.
    """
    account = await _connect(services, sandbox.notice.accounts[0])
    return Demo(
        api_key=await _demo_key(services, key_file),
        account_id=account.id,
        group_id=sandbox.notice.group_id,
        recipient_profile_urn=sandbox.notice.recipient_profile_urn,
        sandbox_url=sandbox.url,
        data_dir=str(key_file.parent.resolve()),
    )


async def first_link(services: Services, *, is_sandbox: bool) -> str:
    """Return the path, below the console's, by which a newcomer enters; "" where people have users already.

    In the sandbox it needs no name and no password, at each start: what it opens is an invented world.
    """
    owner = Rights(Role.OWNER, inbox=True)
    if is_sandbox:
        token = await services.logins.invite_to_enter(DEFAULT_WORKSPACE, SANDBOX_USER, owner, LINK_LIFETIME)
    elif await services.logins.list_users(DEFAULT_WORKSPACE):
        return ""
    else:
        _, token = await services.logins.invite(DEFAULT_WORKSPACE, owner, COMMAND_LINE, LINK_LIFETIME)
    return f"/enter?token={token}"


async def _connect(services: Services, account: SandboxAccount) -> Account:
    pairs = (pair.split("=", 1) for pair in account.cookie.split("; "))
    return await services.accounts.connect(DEFAULT_WORKSPACE, Session(dict(pairs), account.user_agent))


async def _demo_key(services: Services, key_file: Path) -> str:
    kept = _read_key(key_file)
    if kept is not None:
        with suppress(Unauthorized):
            await services.keys.authenticate(kept)
            return kept
    _, key = await services.keys.create(DEFAULT_WORKSPACE, name="sandbox demo", scopes=[Scope.ADMIN])
    _keep_key(key_file, key)
    return key


def _read_key(key_file: Path) -> str | None:
    try:
        return key_file.read_text("ascii").strip()
    except OSError:
        return None


def _keep_key(key_file: Path, key: str) -> None:
    key_file.unlink(missing_ok=True)
    with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(key + "\n")
