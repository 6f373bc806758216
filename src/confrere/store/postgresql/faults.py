"""Translates what asyncpg raises: the server's state by its code, never a value of a row."""

from typing import Final
from urllib.parse import parse_qs, urlsplit

import asyncpg

from confrere.domain.errors import StoreDamaged, StoreUnavailable
from confrere.store.errors import CannotOpenStore

FAULTS: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""Everything that a statement can raise."""

RETRY_SECONDS: Final = 8.0
"""For how long a call whose answer was lost is repeated. A send takes 25 s at most."""

CONFLICTS: Final = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError)
"""Two transactions conflicted; the one that was rolled back may be repeated."""

_UNAVAILABLE_CLASSES = frozenset({"08", "25", "40", "53", "55", "57", "58", "F0", "XX"})
"""Classes of SQLSTATE that concern the server's state. 25 is a server that has become a read-only standby."""

_DAMAGED = frozenset({"XX001", "XX002"})
"""Data or an index that is corrupted."""

_MISCONFIGURED_CLASSES = frozenset({"28", "3D", "42"})
"""Wrong credentials, no such database, no right to it."""


def unavailable(fault: BaseException) -> Exception:
    """Return StoreUnavailable where the server or the network is at fault; otherwise our bug, without its values."""
    if isinstance(fault, asyncpg.PostgresError):
        state = fault.sqlstate or "?????"
        if state in _DAMAGED:
            return StoreDamaged(f"PostgreSQL: {type(fault).__name__} ({state})")
        if state[:2] in _UNAVAILABLE_CLASSES:
            return StoreUnavailable(f"PostgreSQL: {type(fault).__name__} ({state})")
        return RuntimeError(f"PostgreSQL refused a statement: {type(fault).__name__} ({state})")
    if isinstance(fault, ValueError):  # DataError: an argument of the wrong type
        return RuntimeError(f"asyncpg refused a statement: {type(fault).__name__}")
    return StoreUnavailable(f"PostgreSQL: {type(fault).__name__}")


def cannot_open(fault: BaseException, url: str) -> Exception:
    """Return `unavailable`'s error, or CannotOpenStore where URL or rights are wrong. Shows only the URL's address."""
    if isinstance(fault, OSError | TimeoutError):
        away = StoreUnavailable(f"PostgreSQL does not answer at {_address(url)}: {type(fault).__name__}")
        away.remedy = "Is it running, and is CONFRERE_DATABASE_URL where it listens?"
        return away
    if isinstance(fault, asyncpg.PostgresError) and (fault.sqlstate or "")[:2] in _MISCONFIGURED_CLASSES:
        return CannotOpenStore(f"PostgreSQL refuses the connection: {type(fault).__name__}; check the store's URL")
    if isinstance(fault, ValueError):
        return CannotOpenStore("The store's URL is not one that PostgreSQL's driver can read")
    return unavailable(fault)


def _address(url: str) -> str:
    """Return host and port of the URL, without user, password and database."""
    try:
        parts = urlsplit(url)
        hosts = parts.netloc.rpartition("@")[2] or parse_qs(parts.query).get("host", [""])[0]
    except ValueError:
        hosts = ""
    return hosts or "the default address"


def may_have_happened(fault: BaseException) -> bool:
    """Whether the connection was lost before the answer came, so that the statement may have been executed."""
    if isinstance(fault, asyncpg.PostgresError):
        return (fault.sqlstate or "")[:2] in {"08", "57"}
    return not isinstance(fault, ValueError)  # InternalClientError: the driver lost track of the connection
