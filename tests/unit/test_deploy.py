"""The files for containers cannot be run here; what can be told from their text is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from confrere.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent.parent
TOOLS = Path(sys.executable).parent
COMPOSE = ROOT / "deploy" / "compose.yaml"


def check(*command: str | Path) -> None:
    """The linter has nothing to say."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dockerfile_is_linted() -> None:
    """By hadolint."""
    check(TOOLS / "hadolint", ROOT / "deploy" / "Dockerfile")


def test_compose_is_what_the_specification_says() -> None:
    """By the schema of the Compose specification."""
    check(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed here; it checks its own file")
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    """By nginx itself, with this machine in place of the containers."""
    text = (ROOT / "deploy" / "nginx.conf").read_text().replace("server api:", "server 127.0.0.1:")
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\n{text}")
    check("nginx", "-t", "-e", tmp_path / "log", "-p", tmp_path, "-c", tmp_path / "nginx.conf")


def test_compose_names_what_exists() -> None:
    """Its services are built from our Dockerfile, run commands of ours, and set settings that there are."""
    composed = yaml.safe_load(COMPOSE.read_text())
    known = {PREFIX + field.upper() for field in Settings.__struct_fields__}
    ours = [service for service in composed["services"].values() if "build" in service]
    assert len(ours) >= 2
    for service in ours:
        assert (COMPOSE.parent / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
        assert {name for name in service.get("environment", {}) if name.startswith(PREFIX)} <= known


def test_dockerfile_copies_what_exists() -> None:
    """Every file that the build takes from the checkout is there."""
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / source).exists() for source in sources.split())


def test_nginx_never_repeats_a_post() -> None:
    """A send that a proxy repeats by itself could go out twice."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    assert "non_idempotent" not in text
    assert text.count("{") == text.count("}")
