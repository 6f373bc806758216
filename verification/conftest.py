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
    """Return a function that makes a plan for an engine, always with the same seed."""

    def make(engine: str) -> Plan:
        server = request.getfixturevalue("postgres_server") if engine == "postgresql" else None
        return Plan(SEED, engine, 0.0, tmp_path, Databases(server), lambda _: None)

    return make


def assert_kept(report: Report) -> None:
    """Assert that no promise was broken."""
    assert report.violations == []
    assert report.kept
