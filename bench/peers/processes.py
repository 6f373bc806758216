"""The peers' processes: each on uvicorn with uvloop and httptools, one worker, as the gateway runs."""

import hashlib
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import uvloop

from bench.processes import BODY, CREATE_MESSAGE, SEND_PATH, Contestant, children, environment, head
from bench.stores import account_file, account_ids

KEY = "bench_key"
_TABLES = """
CREATE TABLE api_keys (hash VARCHAR PRIMARY KEY);
CREATE TABLE accounts (id VARCHAR PRIMARY KEY, profile_urn VARCHAR NOT NULL, cookie VARCHAR NOT NULL,
  csrf_token VARCHAR NOT NULL, user_agent VARCHAR NOT NULL, daily_limit INTEGER NOT NULL DEFAULT 150);
"""
_COOKIE = f"li_at=AQED{'0' * 148}; JSESSIONID=ajax:0000000000000000001; bcookie=v=2&{'0' * 32}; lidc={'0' * 80}"
_NGINX = Path(__file__).with_name("nginx.conf")


def _rows(accounts: int) -> list[tuple[object, ...]]:
    return [(one, f"urn:li:fsd_profile:{one}", _COOKIE, "ajax:1", "Mozilla/5.0", 150) for one in account_ids(accounts)]


def _key_hash() -> str:
    return hashlib.sha256(KEY.encode()).hexdigest()


def fill_sqlite(path: Path, accounts: int) -> None:
    """The peers' tables with accounts and a key."""
    connection = sqlite3.connect(path)
    connection.executescript(_TABLES)
    connection.executemany("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?)", _rows(accounts))
    connection.execute("INSERT INTO api_keys VALUES (?)", (_key_hash(),))
    connection.commit()
    connection.close()


def fill_postgresql(url: str, accounts: int) -> None:
    """The same on PostgreSQL."""

    async def fill() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(_TABLES)
        await connection.copy_records_to_table("accounts", records=_rows(accounts))
        await connection.execute("INSERT INTO api_keys VALUES ($1)", _key_hash())
        await connection.execute("ANALYZE")
        await connection.close()

    uvloop.run(fill())


@contextmanager
def peer(
    name: str, module: str, python: Path, folder: Path, accounts: int, settings: Mapping[str, str]
) -> Iterator[Contestant]:
    """One peer under uvicorn."""
    port = _free_port()
    arguments = ["-m", "uvicorn", f"bench.peers.{module}:app", "--host=127.0.0.1", f"--port={port}"]
    arguments += ["--loop=uvloop", "--http=httptools", "--no-access-log", "--log-level=warning", "--no-server-header"]
    if module == "ceiling":
        arguments.append("--lifespan=off")
    with _running([str(python), *arguments], folder / f"{module}.log", settings, port) as pid:
        request = head(SEND_PATH, f"Authorization: Bearer {KEY}")
        yield Contestant(name, [f"127.0.0.1:{port}"], request, BODY, account_file(accounts), [pid])


@contextmanager
def nginx(linkedin: str, folder: Path, accounts: int) -> Iterator[Contestant | None]:
    """nginx with limit_req before the upstream; None where it is not installed."""
    program = shutil.which("nginx")
    if program is None:
        yield None
        return
    port = _free_port()
    text = _NGINX.read_text().replace("@PORT@", str(port)).replace("@UPSTREAM@", linkedin.removeprefix("http://"))
    config = folder / "nginx.conf"
    config.write_text(text.replace("@FOLDER@", str(folder)).replace("@PATH@", CREATE_MESSAGE))
    with _running([program, "-p", str(folder), "-c", str(config)], folder / "nginx.log", {}, port) as pid:
        request = head(SEND_PATH, f"Authorization: Bearer {KEY}")
        yield Contestant("nginx", [f"127.0.0.1:{port}"], request, BODY, account_file(accounts), children(pid))


def public_client(python: Path, linkedin: str, seconds: float) -> float:
    """Messages a second of the public client's own session, one after another, without its sleeps."""
    done = subprocess.run(
        [python, "-m", "bench.peers.direct_client", linkedin, str(seconds)],
        check=True,
        capture_output=True,
        text=True,
        env=environment(),
    )
    return float(done.stdout)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def _running(command: list[str], log: Path, settings: Mapping[str, str], port: int) -> Iterator[int]:
    with log.open("ab") as log_file:
        running = subprocess.Popen(command, stdout=log_file, stderr=log_file, env=environment(settings))
    try:
        deadline = time.monotonic() + 20
        while not _answers(port):
            if running.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[:4]} did not start: {log.read_text()[-1500:]}")
            time.sleep(0.05)
        yield running.pid
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False
