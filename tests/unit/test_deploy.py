"""The deployment files, which cannot be run here, pass their linters and fit the code."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client import REGISTRY

import confrere.telemetry.metrics  # noqa: F401 - registers the metrics
from confrere.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent.parent
SEND_SECONDS = 20
"""The longest time of a send."""
TOOLS = Path(sys.executable).parent
COMPOSE = ROOT / "deploy" / "compose.yaml"


def check(*command: str | Path) -> None:
    """Run a linter, and fail with its output."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dockerfile_is_linted() -> None:
    """Hadolint accepts the Dockerfile."""
    check(TOOLS / "hadolint", ROOT / "deploy" / "Dockerfile")


def test_compose_conforms_to_the_specification() -> None:
    """The compose file conforms to the schema of the Compose specification."""
    check(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


def test_compose_names_what_exists() -> None:
    """Its services are built from our Dockerfile, run commands of ours, and set settings that there are."""
    composed = yaml.safe_load(COMPOSE.read_text())
    known = {PREFIX + field.upper() for field in Settings.__struct_fields__}
    ours = [service for service in composed["services"].values() if "build" in service]
    assert len(ours) >= 2
    for service in ours:
        assert (COMPOSE.parent / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
        assert {name for name in service.get("environment", {}) if name.startswith(PREFIX)} <= known


def test_alerts_are_about_metrics_that_exist() -> None:
    """Every metric of the example alerts is exported under the name that Prometheus stores."""
    alerts = yaml.safe_load((ROOT / "deploy" / "prometheus-alerts.yaml").read_text())
    exported = {sample.name for family in REGISTRY.collect() for sample in family.samples}
    exported |= {f"{family.name}_total" for family in REGISTRY.collect() if family.type == "counter"}
    exported |= {family.name for family in REGISTRY.collect()}
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert len(rules) >= 4
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "annotations"}
        assert set(re.findall(r"confrere_[a-z_]+", rule["expr"])) <= exported


def test_dockerfile_copies_what_exists() -> None:
    """Every file that the build takes from the checkout is there."""
    text = (ROOT / "deploy" / "Dockerfile").read_text()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((ROOT / source).exists() for source in sources.split())


def test_only_what_the_image_needs_is_sent_to_the_build() -> None:
    """Everything is left out but what the Dockerfile copies: no key, no store, no environment of this checkout."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)
    assert lines[0] == "*"
    assert sorted(line[1:] for line in lines if line.startswith("!")) == sorted(" ".join(copied).split())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_unit_file_is_what_systemd_takes(tmp_path: Path) -> None:
    """Systemd accepts the unit file, and stopping the unit lets sends in flight finish."""
    text = (ROOT / "deploy" / "confrere.service").read_text()
    assert "ExecStart=/opt/confrere/.venv/bin/confrere up\n" in text
    unit = tmp_path / "confrere.service"
    unit.write_text(text.replace("/opt/confrere/.venv/bin/confrere", sys.executable))
    check("systemd-analyze", "verify", unit)
    seconds = re.search(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert seconds is not None
    assert int(seconds[1]) > SEND_SECONDS


def test_unit_file_sets_settings_that_exist() -> None:
    """Each setting that the unit file names exists."""
    text = (ROOT / "deploy" / "confrere.service").read_text()
    names = set(re.findall(rf"{PREFIX}[A-Z_]+", text))
    assert names <= {PREFIX + field.upper() for field in Settings.__struct_fields__}
