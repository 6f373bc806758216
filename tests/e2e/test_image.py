"""The image's own commands run in a new folder in place of its volume."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.e2e.command_line import environment_of
from tests.server_process import running_server

DOCKERFILE = (Path(__file__).parent.parent.parent / "deploy" / "Dockerfile").read_text()


def words_of(instruction: str) -> list[str]:
    """Return the JSON words of a CMD or HEALTHCHECK."""
    found = re.search(rf"^{instruction}(?:.*\\\n *CMD)? (\[.+\])$", DOCKERFILE, re.MULTILINE)
    assert found is not None, instruction
    words: list[str] = json.loads(found[1])
    return words


def image_environment(folder: Path) -> dict[str, str]:
    """Return the image's ENV, with `folder` as its volume and only this machine as the network."""
    line = re.search(r"^ENV (.+)$", DOCKERFILE, re.MULTILINE)
    assert line is not None
    settings = dict(pair.split("=", 1) for pair in shlex.split(line[1]))
    assert (settings["CONFRERE_HOST"], settings.pop("PATH")) == ("0.0.0.0", "/venv/bin:$PATH")
    return settings | {"CONFRERE_DATA_DIR": str(folder), "CONFRERE_HOST": "127.0.0.1", "CONFRERE_PORT": "0"}


def test_the_default_command_works_on_a_fresh_volume(tmp_path: Path) -> None:
    """The image's command creates its store, passes its health check, and starts again on that store."""
    command = words_of("CMD")
    assert words_of("ENTRYPOINT") == ["confrere"]
    for _ in range(2):
        environment = image_environment(tmp_path / "data")
        with running_server(None, command=("-m", "confrere", *command), environment=environment) as server:
            port = server.url.rpartition(":")[2]
            check = words_of("HEALTHCHECK")
            assert check[0] == "python"
            healthy = [sys.executable, *check[1:]]
            proxies_off = {"NO_PROXY": "127.0.0.1", "CONFRERE_PORT": port}
            subprocess.run(healthy, env=environment_of({}) | proxies_off, check=True)
            assert server.stop() == 0
        failed = subprocess.run(healthy, env=os.environ | proxies_off, check=False, capture_output=True)
        assert failed.returncode != 0
    assert (tmp_path / "data" / "confrere.db").exists()
