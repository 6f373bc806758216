"""No secret leaks: logs, metrics and database file are searched for cookies, keys and texts."""

from contextlib import closing

import apsw
import pytest

from tests.sandbox_process import SandboxProcess
from tests.server_process import SEND_PATH, ServerProcess, Site, running_server

TEXT = "the-secret-text-of-a-message"


def test_secrets_are_nowhere(site: Site, sandbox: SandboxProcess) -> None:
    """After varied traffic with errors, no log, metric or file of the store contains a secret."""
    faults: list[dict[str, object]] = [
        {"effect": "status", "status": 503},
        {"effect": "truncate"},
        {"effect": "reset_before_read"},
        {"effect": "html"},
        {"effect": "status", "status": 400},
        {"effect": "status", "status": 422},
        {"effect": "set_cookie", "name": "lidc", "value": "secret-new-cookie"},
        {"effect": "delete_cookie"},
    ]
    with running_server(site, environment={"CONFRERE_LOG_LEVEL": "debug"}) as server:
        assert server.send(sandbox, TEXT).status == 200
        for number, fault in enumerate(faults):
            sandbox.faults([{"match": {"path": "createMessage"}, **fault}])
            server.send(sandbox, f"{TEXT}-{number}", key=f"key-{number}")
        _bad_requests(server, sandbox, site)
        send_id = site.sends()[0].id
        assert server.call("GET", f"/linkedin/sends/{send_id}").body["send"]["message"] == TEXT
        metrics = server.call("GET", "/metrics").content
        seen = {"the log": site.log.read_bytes(), "the metrics": metrics}
        seen |= {str(file): file.read_bytes() for file in site.settings.data_dir.rglob("*") if file.is_file()}
        seen["every table"] = _dump(site)
    account = sandbox.accounts[0]
    cookies = [part.partition("=")[2].strip('"') for part in account.cookie.split("; ")]
    secrets = [TEXT, site.key, site.key[-20:], "secret-new-cookie", *cookies, account.csrf_token]
    assert b'"event":"request"' in seen["the log"].replace(b'": ', b'":')
    for where, content in seen.items():
        for secret in secrets:
            assert secret.encode() not in content, f"{where} holds a secret"


def _bad_requests(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    server.send(sandbox, TEXT, accountId="no such account")
    server.send(sandbox, TEXT + "\0")
    server.call("POST", SEND_PATH, {"message": TEXT})
    server.call("POST", SEND_PATH, [TEXT])
    server.call("POST", SEND_PATH, {"message": {"deep": TEXT}, "groupId": [site.key], "recipientProfileUrn": TEXT})
    server.call("GET", f"/linkedin/{site.key}?key={site.key}")
    server.call("GET", "/linkedin/accounts", headers={"Authorization": f"Bearer {site.key}x"})
    server.call("GET", "/linkedin/accounts", headers={"X-Request-Id": site.key + " " + TEXT})


def _dump(site: Site) -> bytes:
    path = site.settings.store_url.removeprefix("sqlite://")
    with closing(apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return repr([list(database.execute(f"SELECT * FROM {table}")) for table in tables]).encode()


def test_the_key_file_is_for_its_owner_only(site: Site) -> None:
    """The key file is readable by its owner only."""
    assert (site.settings.data_dir / "secret.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("folder", ["data"])
def test_the_data_folder_is_for_its_owner_only(site: Site, folder: str) -> None:
    """The folder of the data and the database in it are readable by their owner only."""
    assert site.settings.data_dir.name == folder
    for path in [site.settings.data_dir, *site.settings.data_dir.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
