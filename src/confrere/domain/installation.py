"""An installation: its settings in force, the processes on its store, and what its checks find."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One row of the settings' table. `value` is the one in force; "set" for a secret."""

    name: str
    default: str
    value: str
    description: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check of `doctor`. remedy: None where `ok`."""

    subject: str
    ok: bool
    detail: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessBeat:
    """A process that has the store open, and when it last reported that it lives, by its own clock."""

    instance: str
    beat_at: datetime
    is_worker: bool
