"""`python -m confrere.sandbox`: create a world and serve it on a loopback address."""

import argparse
import gc
import ipaddress
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from confrere.sandbox.actions import Action, apply
from confrere.sandbox.app import App
from confrere.sandbox.control import Control
from confrere.sandbox.sandbox import Sandbox
from confrere.sandbox.server import Server
from confrere.sandbox.world import DEMO_GROUP_ID, EXAMPLE_PROFILE_ID, World

_FEW_ACCOUNTS = 3
_BACKLOG = 2048


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sandbox until a signal; return the exit code."""
    parent = os.getppid()
    options = _parser().parse_args(arguments)
    try:
        bound = _bind_preferred(options.host, options.preferred_port) or _bind(options.host, options.port)
    except (ValueError, OSError, OverflowError) as error:
        print(f"confrere.sandbox: {error}", file=sys.stderr)  # noqa: T201 - a program's output
        return 2
    sandbox = Sandbox(
        World(
            seed=options.seed,
            member_count=options.members,
            account_count=options.accounts,
            group_count=options.groups,
        ),
        state_path=options.state,
    )
    restore(sandbox)
    gc.freeze()
    server = Server(
        App(sandbox),
        on_ready=lambda: _print_ready(sandbox, bound, as_json=options.json),
        parent=parent if options.exit_with_parent else None,
    )
    try:
        server.run(sockets=[bound])
    except KeyboardInterrupt:
        return 130
    return 0


def restore(sandbox: Sandbox) -> None:
    """Replay the journal, then append to it."""
    for line in sandbox.journal.replay():
        if line["kind"] == "message":
            sandbox.restore(line)
        else:
            apply(sandbox, msgspec.convert(line["action"], Action))
    sandbox.journal.open()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m confrere.sandbox",
        description="A LinkedIn of its own: LinkedIn's web protocol on a loopback address, for tests and trials.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="default 0: a free one")
    parser.add_argument("--preferred-port", type=int, help="taken where it is free, else --port")
    parser.add_argument("--members", type=_count, default=2000, help="people in the world (default 2000)")
    parser.add_argument("--accounts", type=_count, default=3, help="how many of them have a session (default 3)")
    parser.add_argument("--groups", type=_count, default=6, help="default 6, at least 3")
    parser.add_argument("--state", type=Path, help="keep messages in this file (default: in memory)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other people (default 1)")
    parser.add_argument("--json", action="store_true", help="say where it is ready as one line of JSON")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when the process that started it has")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100_000_000:
        raise argparse.ArgumentTypeError("must be 1 to 100000000")
    return number


def _bind(host: str, port: int) -> socket.socket:
    """Bind a socket to a loopback address. Raises ValueError for any other."""
    address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    if not address.is_loopback:
        raise ValueError(f"{host} is not a loopback address; the sandbox serves no other")
    bound = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((str(address), port))
    bound.listen(_BACKLOG)  # at once, so that of two sandboxes that start together only one gets the port
    return bound


def _bind_preferred(host: str, port: int | None) -> socket.socket | None:
    """Bind a socket to this port; None where it is taken."""
    try:
        return None if port is None else _bind(host, port)
    except (OSError, OverflowError):
        return None


def _print_ready(sandbox: Sandbox, bound: socket.socket, *, as_json: bool) -> None:
    host, port = bound.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    ready = {
        "url": url,
        "groupId": str(DEMO_GROUP_ID),
        "recipientProfileUrn": f"urn:li:fsd_profile:{EXAMPLE_PROFILE_ID}",
        "accounts": [
            {"name": f"{account['firstName']} {account['lastName']}", **account}
            for account in Control(sandbox).accounts(_FEW_ACCOUNTS)
        ],
    }
    if as_json:
        print(msgspec.json.encode(ready).decode(), flush=True)  # noqa: T201 - a program's output
    else:
        print(f"sandbox ready on {url} (control: {url}/_control/world, inbox: {url}/inbox)", flush=True)  # noqa: T201 - a program's output


if __name__ == "__main__":
    sys.exit(main())
