"""What all tests share: the number of parallel workers, and the order in which they take the tests."""

import os
import signal

import pytest

# Who starts the tests in the background has Ctrl-C ignored, in all processes below: tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONGEST_FIRST = (
    "verification/test_slices.py",
    "tests/contract/api/test_docs_browser.py",
    "tests/contract/console/",
    "tests/e2e/test_outcomes.py",
    "tests/faults/",
    "tests/e2e/",
    "verification/",
    "tests/contract/mcp/",
    "tests/contract/sandbox/",
)
"""Files and folders of long tests, the longest first. A worker that got one of these last would be waited for."""


def pytest_xdist_auto_num_workers() -> int:
    """Three workers for two cores: half of the time a test waits for a process, a timeout or LinkedIn."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the long tests first where several workers share the run; the order within a file stays.

    Tests in a browser run on the event loop of the session, on which the browser is (tests/chromium.py).
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    places = (place for place, name in enumerate(LONGEST_FIRST) if item.nodeid.startswith(name))
    return next(places, len(LONGEST_FIRST))
