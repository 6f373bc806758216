"""The installation as the console shows it: settings in force, versions, and the checks of `doctor`."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args
from urllib.parse import urlsplit

import msgspec

from confrere.doctor import diagnose_open
from confrere.domain.installation import Finding, SettingRow
from confrere.ports import Installation
from confrere.services import Services
from confrere.settings import PREFIX, SECRET, Settings


class RunningInstallation(Installation):
    """The port for a process that has its services open."""

    def __init__(self, settings: Settings, services: Services) -> None:
        self._settings = settings
        self._services = services

    def settings(self) -> Sequence[SettingRow]:
        """Return all settings in force."""
        return setting_rows(self._settings)

    def versions(self) -> Mapping[str, str]:
        """Return those of Confrere and Python, and the store's kind."""
        from importlib.metadata import version  # costs memory, and only the console shows it

        store = urlsplit(self._settings.store_url).scheme
        return {"Confrere": version("confrere"), "Python": platform.python_version(), "Store": store}

    async def diagnose(self) -> Sequence[Finding]:
        """Check the services that are open."""
        return await diagnose_open(self._settings, self._services, with_files=False)


def with_installation(services: Services, settings: Settings) -> Services:
    """Return the services with the installation that they are a part of."""
    return replace(services, installation=RunningInstallation(settings, services))


def setting_rows(settings: Settings) -> Sequence[SettingRow]:
    """Return every setting; of a secret only whether it is set."""
    return [_row(settings, field) for field in msgspec.structs.fields(Settings)]


def _row(settings: Settings, field: msgspec.structs.FieldInfo) -> SettingRow:
    value = getattr(settings, field.name)
    meta = next(arg for arg in get_args(field.type) if isinstance(arg, msgspec.Meta))
    shown = "set" if value is not None and field.name in SECRET else _shown(value)
    return SettingRow(PREFIX + field.name.upper(), _shown(field.default), shown, meta.description or "")


def _shown(value: object) -> str:
    return "" if value is None else str(value)
