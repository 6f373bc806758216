import asyncio
import builtins
import inspect
import socket
import ssl
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp import client_exceptions, http_exceptions, streams
from aiohttp.client import IDEMPOTENT_METHODS

from confrere.domain.outcome import NotSent, Unknown
from confrere.linkedin.request import FAULTS, Fault, Stage, find_fault, judge_fault

WEBSOCKETS_ONLY = {aiohttp.WSMessageTypeError}


def _exceptions_of(module: object) -> Iterator[type[BaseException]]:
    for _, value in inspect.getmembers(module, inspect.isclass):
        if issubclass(value, BaseException) and value.__module__.startswith("aiohttp"):
            yield value


@pytest.mark.parametrize("kind", sorted(set(_exceptions_of(client_exceptions)) | set(_exceptions_of(aiohttp)), key=str))
def test_every_exception_of_the_library_s_client_has_its_own_row(kind: type[BaseException]) -> None:
    """A new one, in a new version, has to be judged before it is met."""
    if kind not in WEBSOCKETS_ONLY and issubclass(kind, aiohttp.ClientError):
        assert kind in FAULTS


@pytest.mark.parametrize("kind", sorted(set(_exceptions_of(http_exceptions)) | {streams.EofStream}, key=str))
def test_every_exception_of_its_parser_says_that_bytes_came_back(kind: type[BaseException]) -> None:
    """Then the request had left."""
    assert next(FAULTS[base] for base in kind.__mro__ if base in FAULTS).stage is Stage.ANSWERED


def _builtin_exceptions() -> Iterator[type[BaseException]]:
    for module in (builtins, socket, ssl, asyncio):
        for _, value in inspect.getmembers(module, inspect.isclass):
            if issubclass(value, OSError):
                yield value


@pytest.mark.parametrize("kind", sorted(set(_builtin_exceptions()), key=str))
def test_what_the_system_raises_depends_on_whether_the_request_was_begun(kind: type[OSError]) -> None:
    """Timeouts, resets and TLS failures come before the request as well as after it."""
    fault = find_fault(kind())
    assert fault.stage is Stage.ANY
    assert isinstance(judge_fault(fault, begun=True), Unknown)
    assert isinstance(judge_fault(fault, begun=False), NotSent)


@pytest.mark.parametrize(
    "kind", [asyncio.CancelledError, KeyboardInterrupt, SystemExit, ValueError, RuntimeError, MemoryError]
)
def test_a_bug_and_a_cancellation_are_no_faults_of_the_network(kind: type[BaseException]) -> None:
    """They are let through."""
    assert not issubclass(kind, tuple(FAULTS))


@pytest.mark.parametrize("fault", sorted(set(FAULTS.values()), key=str))
def test_not_sent_needs_both_witnesses(fault: Fault) -> None:
    """The exception and the request's own body; where they disagree, the fate is unknown."""
    assert isinstance(judge_fault(fault, begun=True), Unknown)
    assert isinstance(judge_fault(fault, begun=False), NotSent) == (fault.stage is not Stage.ANSWERED)


def test_connecting_and_reading_timeouts_are_told_apart() -> None:
    """The library's two kinds, which share a class."""
    assert find_fault(aiohttp.ConnectionTimeoutError()).stage is Stage.CONNECTING
    assert find_fault(aiohttp.SocketTimeoutError()).stage is Stage.ANY
    assert issubclass(aiohttp.ConnectionTimeoutError, aiohttp.ServerTimeoutError)


def test_the_library_repeats_no_post() -> None:
    """After a connection that had gone stale it tries idempotent methods again, and only those."""
    assert "POST" not in IDEMPOTENT_METHODS


def test_the_reasons_are_clauses_for_people() -> None:
    """No address, no class name."""
    assert all(
        fault.why[0] not in "<[" and "Error" not in fault.why and not fault.why.endswith(".")
        for fault in FAULTS.values()
    )
