"""The commands that run until a signal: `up`, `serve`, `worker`, `mcp` and `sandbox`."""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from urllib.parse import urlsplit

import typer

from confrere.cli.command import AsJson, Command
from confrere.cli.exit_codes import explain_address
from confrere.cli.output import Output
from confrere.cli.runtime import Demo, ReadyServer, Runtime, SetupError
from confrere.cli.workspace import OPTION, workspace
from confrere.domain.errors import ConfrereError
from confrere.domain.keys import Scope

if TYPE_CHECKING:
    from confrere.services import Services

Host = Annotated[str | None, typer.Option(help="Address to listen on.", show_default="the setting CONFRERE_HOST")]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.", show_default="CONFRERE_PORT"),
]

GREETING = "Hello fellow group member!"


def up(
    context: typer.Context,
    *,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Talk to a LinkedIn of its own, not to the real one.")
    ] = False,
    host: Host = None,
    port: Port = None,
    as_json: AsJson = False,
) -> None:
    """Serve everything in this one process: store, API and worker.

    The store is made, or brought up to date, first. With --json one line of JSON says where it is, once it is ready.
    """
    command = Command(context, as_json=as_json)
    _serve(command, host=host, port=port, with_worker=True, with_sandbox=sandbox, migrate=True)


def serve(context: typer.Context, *, host: Host = None, port: Port = None, as_json: AsJson = False) -> None:
    """Serve the API only; run `confrere worker` beside it.

    It does not start on a store with a pending migration. With --json one line of JSON says where it is, once it is
    ready.
    """
    command = Command(context, as_json=as_json)
    _serve(command, host=host, port=port, with_worker=False, with_sandbox=False, migrate=False)


class AgentScope(StrEnum):
    """What an agent may do."""

    READ = "read"
    SEND = "send"
    INBOX = "inbox"


def serve_agent(
    context: typer.Context,
    *,
    scope: Annotated[
        list[AgentScope] | None,
        typer.Option(
            help="send: the agent may write to people and prepare campaigns, too; inbox: it reads replies, too. May be "
            "given twice.",
            show_default="read",
        ),
    ] = None,
) -> None:
    """Be a server of the Model Context Protocol on standard input and output, for an agent that starts this command.

    It works on the store itself and needs no key and no running server. An agent may also call `/mcp` of a running
    server, with a key.
    """
    scopes = {Scope.READ, *map(Scope, scope or ())}
    _run(Command(context, as_json=False).runtime.serve_agent(scopes, context.meta.get(OPTION)))


def work(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Run the worker beside `confrere serve`: it sends the messages of campaigns, and reconciles unknown outcomes."""
    command = Command(context, as_json=as_json)
    runtime = command.runtime

    def on_ready() -> None:
        command.out.document({"status": "working"})
        command.out.hint("The worker works; Ctrl-C stops it.")

    _run(runtime.work(on_ready=on_ready))


def run_sandbox(context: typer.Context) -> NoReturn:
    """Run only the LinkedIn of the sandbox, for tests and trials; `confrere sandbox --help` shows its options."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONFRERE_")}
    os.execve(sys.executable, [sys.executable, "-m", "confrere.sandbox", *context.args], environment)  # noqa: S606


def _serve(
    command: Command, *, host: str | None, port: int | None, with_worker: bool, with_sandbox: bool, migrate: bool
) -> None:
    runtime = command.runtime
    hints: list[asyncio.Task[None]] = []

    def on_ready(server: ReadyServer) -> None:
        _print_ready(command.out, server)
        if server.demo is None and not command.out.as_json:
            hints.append(asyncio.get_running_loop().create_task(_hint_first_steps(runtime, command.out)))

    try:
        _run(
            runtime.serve(
                host=host,
                port=port,
                with_worker=with_worker,
                with_sandbox=with_sandbox,
                migrate=migrate,
                on_ready=on_ready,
            )
        )
    except SetupError as fault:
        failure = explain_address(fault, str(port) if port is not None else _configured_port(runtime))
        if failure is None:
            raise
        raise failure from fault
    command.out.hint("Stopped.")


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop, on which the API answers about a third more requests."""
    import uvloop  # only servers need it

    uvloop.run(work)


def _configured_port(runtime: Runtime) -> str:
    return next((row.value for row in runtime.settings() if row.name == "CONFRERE_PORT"), "")


def _print_ready(out: Output, server: ReadyServer) -> None:
    url, demo = server.url, server.demo
    out.document(
        {
            "url": url,
            "apiKey": demo.api_key if demo else None,
            "accountId": demo.account_id if demo else None,
            "groupId": demo.group_id if demo else None,
            "recipientProfileUrn": demo.recipient_profile_urn if demo else None,
            "sandboxUrl": demo.sandbox_url if demo else None,
            "consoleUrl": server.console_url,
        }
    )
    if out.as_json:
        return
    out.print_verbatim(f"Confrere is ready on {url}; how to call it: {url}/docs\n")
    limits = " (this link works once, for 15 minutes)" if "/enter?" in server.console_url else ""
    out.print_verbatim(f"The console, for your browser{limits}: {server.console_url}\n")
    if demo is not None:
        out.print_verbatim(f"Your key, which opens the sandbox only: {demo.api_key}\n")
        out.print_verbatim(
            f"Send a first message; in the sandbox nothing leaves this machine:\n\n{send_curl(url, demo)}\n"
        )
        out.print_verbatim(f"See what the recipient saw:\n\ncurl '{demo.sandbox_url}/_control/messages'\n")
        out.print_verbatim(f"The same as a page for people, which keeps itself up to date: {demo.sandbox_url}/inbox\n")
        out.print_verbatim(
            "Have the other commands work on this sandbox too:\n\n"
            f"export CONFRERE_DATA_DIR='{demo.data_dir}' CONFRERE_LINKEDIN_URL='{demo.sandbox_url}' "
            f"CONFRERE_PORT={urlsplit(url).port}\n"
        )
    out.hint("Ctrl-C stops it.")


def send_curl(url: str, demo: Demo) -> str:
    """Return the reference page's call as a shell command."""
    body = {"recipientProfileUrn": demo.recipient_profile_urn, "groupId": demo.group_id, "message": GREETING}
    return (
        f"curl -X POST '{url}/linkedin/messaging/send-group' \\\n"
        f"  -H 'Authorization: Bearer {demo.api_key}' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{json.dumps(body, separators=(',', ':'))}'"
    )


async def _hint_first_steps(runtime: Runtime, out: Output) -> None:
    """Print what is missing before a first send. An error is ignored here: the server reports it on its own."""
    try:
        async with runtime.open_services() as services:
            steps = await _first_steps(services)
    except (ConfrereError, SetupError):
        return
    for step in steps:
        out.hint(step)


async def _first_steps(services: "Services") -> list[str]:
    steps = []
    if not await services.accounts.search(workspace()):
        steps.append("No LinkedIn account is connected yet. In another terminal: confrere accounts connect")
    now = services.clock()
    keys = await services.keys.list_all(workspace())
    if not any(key.revoked_at is None and (key.expires_at is None or key.expires_at > now) for key in keys):
        steps.append("No program has a key yet. In another terminal: confrere keys create --name <what for>")
    return steps
