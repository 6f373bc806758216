"""The installation that this process is a part of."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from confrere.domain.installation import Finding, SettingRow


class Installation(Protocol):
    """Its settings and versions, and the checks of `doctor`."""

    def settings(self) -> Sequence[SettingRow]:
        """Return all settings in force, without secrets."""
        ...

    def versions(self) -> Mapping[str, str]:
        """Return the versions of the parts, by their names."""
        ...

    async def diagnose(self) -> Sequence[Finding]:
        """Run the checks of `doctor` but that of the database's files. LinkedIn is asked once about every account."""
        ...
