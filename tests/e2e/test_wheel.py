"""What `pip install` of the built wheel installs serves everything, without this checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.server_process import running_server

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Build the wheel and unpack it, as pip does; the libraries are those of this environment."""
    build = ("-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "dist"))
    subprocess.run([sys.executable, *build], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("confrere-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    return tmp_path / "site"


def test_the_wheel_alone_serves_everything(installed: Path, tmp_path: Path) -> None:
    """The wheel's server on the sandbox has the pages, their assets, the reference, and sends a message."""
    environment = {"PYTHONPATH": str(installed), "CONFRERE_DATA_DIR": str(tmp_path / "data")}
    where = [sys.executable, "-c", "import confrere; print(confrere.__file__)"]
    found = subprocess.run(where, env=environment, check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    assert Path(found.strip()).is_relative_to(installed)
    with running_server(None, "--sandbox", command=("-m", "confrere", "up"), environment=environment) as server:
        for path in ("/health", "/docs", "/linkedin/openapi.json", "/console/login", "/metrics"):
            assert server.call("GET", path).status == 200, path
        ready = server.ready
        body = {"recipientProfileUrn": ready["recipientProfileUrn"], "groupId": ready["groupId"], "message": "Hello"}
        sent = server.call("POST", "/linkedin/messaging/send-group", body)
        assert sent.status == 200, sent
