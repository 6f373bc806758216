from collections.abc import Callable
from pathlib import Path

import pytest

from verification.databases import Databases
from verification.plan import Plan
from verification.report import Report

MakePlan = Callable[[str], Plan]
SEED = 1


@pytest.fixture
def make_plan(request: pytest.FixtureRequest, tmp_path: Path) -> MakePlan:
    """Plans for small slices of the proof, all from one seed."""

    def make(engine: str) -> Plan:
        server = request.getfixturevalue("postgres_server") if engine == "postgresql" else None
        return Plan(SEED, engine, 0.0, tmp_path, Databases(server), lambda _: None)

    return make


def assert_kept(report: Report) -> None:
    """No promise was broken."""
    assert report.violations == []
    assert report.kept
