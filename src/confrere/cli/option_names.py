"""Errors that name an invalid field by the option that was typed."""

from collections.abc import Sequence
from typing import Final, Protocol

from confrere.domain.errors import AccountDisabled, InvalidField

COMMAND: Final = "confrere.command"
"""Key of the running command in `meta`, which all contexts of one run share."""

_PARAMETERS: Final = {
    "accountId": ("account", "account_id"),
    "audienceId": ("audience",),
    "recipientProfileUrn": ("to", "recipients"),
    "recipientProfileUrns": ("people",),
    "groupId": ("group",),
    "message": ("message",),
    "text": ("text", "message"),
    "templateId": ("template",),
    "typeaheadQuery": ("query",),
    "reason": ("reason",),
    "userAgent": ("user_agent",),
    "dailyLimit": ("messages",),
    "name": ("name",),
    "expiresAt": ("expires_at",),
    "writesPerMinute": ("writes_per_minute",),
    "callsPerMinute": ("calls_per_minute",),
    "dailyCap": ("daily_cap",),
    "first": ("first",),
    "minGapSeconds": ("min_gap",),
    "firstContactsPerMonth": ("first_contacts",),
    "sendingHours": ("hours",),
    "sendingHours.from": ("hours",),
    "sendingHours.to": ("hours",),
    "sendingHours.timeZone": ("time_zone",),
    "sendingHours.weekdays": ("weekdays",),
    "warmUp.startsOn": ("warm_up_from",),
    "warmUp.firstDay": ("warm_up_first",),
    "warmUp.growthPerDay": ("warm_up_growth",),
}
"""The services' field to the command parameters that set it."""


class Parameter(Protocol):
    """An option or argument of a command, as Typer has it."""

    @property
    def name(self) -> str | None:
        """The name in the command's function."""
        ...

    @property
    def opts(self) -> Sequence[str]:
        """The names as they are typed: `--account`, `-a`."""
        ...


class Command(Protocol):
    """A command, as Typer has it."""

    @property
    def params(self) -> Sequence[Parameter]:
        """Its options and arguments."""
        ...


def with_option_name(fault: InvalidField, command: Command) -> InvalidField:
    """Return the error with the option that was typed in place of the field; unchanged where the command has none."""
    if isinstance(fault, AccountDisabled):  # its sentence names the account, and no field
        return fault
    typed = {parameter.name: _typed_name(parameter) for parameter in command.params}
    for name in _PARAMETERS.get(fault.field, ()):
        if option := typed.get(name):
            return InvalidField(option, _without_field_names(str(fault).removeprefix(fault.field).strip(), typed))
    return fault


def _without_field_names(text: str, typed: dict[str | None, str]) -> str:
    """Replace other field names in the sentence, longest first, since some begin with others."""
    for field in sorted(_PARAMETERS, key=len, reverse=True):
        if "." in field and (option := typed.get(_PARAMETERS[field][0])):
            text = text.replace(field, option)
    return text.replace("; null takes the rule away", "; `confrere pacing clear` takes the rule away")


def _typed_name(parameter: Parameter) -> str:
    """Return an option as it is typed (`--account`), an argument as the help names it."""
    option = max(parameter.opts, key=len, default="")
    return option if option.startswith("-") else getattr(parameter, "metavar", None) or option.upper()
