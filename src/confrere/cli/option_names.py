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
    "until": ("until",),
    "minGapSeconds": ("min_gap",),
    "firstContactsPerMonth": ("first_contacts",),
    "groupMonthlyShare": ("group_share",),
    "sendingHours": ("hours",),
    "sendingHours.from": ("hours",),
    "sendingHours.to": ("hours",),
    "sendingHours.timeZone": ("time_zone",),
    "sendingHours.weekdays": ("weekdays",),
    "url": ("url",),
    "events": ("events",),
    "description": ("description",),
    "warmUp.startsOn": ("warm_up_from",),
    "warmUp.firstDay": ("warm_up_first",),
    "warmUp.growthPerDay": ("warm_up_growth",),
}
"""The services' field to the command parameters that set it."""

_COMMAND_INSTEAD: Final = {
    "POST /v1/people/resolve {profileUrl}": "`confrere people resolve`",
    "null takes the rule away": "`confrere pacing clear` takes the rule away",
}
"""What the services' sentences name of the HTTP API, to what does the same on the command line."""


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
    """Return the error in the command line's terms: the typed option in place of the field, commands for HTTP calls."""
    if isinstance(fault, AccountDisabled):  # its sentence names the account, and no field
        return fault
    typed = {parameter.name: _typed_name(parameter) for parameter in command.params}
    options = [option for name in _PARAMETERS.get(fault.field, ()) if (option := typed.get(name))]
    text = name_commands(str(fault))
    if not options and text == str(fault):
        return fault
    option = options[0] if options else fault.field
    return InvalidField(option, _without_field_names(text.removeprefix(fault.field).strip(), typed))


def name_commands(text: str) -> str:
    """Return the sentence with commands in place of the HTTP calls that it names."""
    for call, command in _COMMAND_INSTEAD.items():
        text = text.replace(call, command)
    return text


def _without_field_names(text: str, typed: dict[str | None, str]) -> str:
    """Replace other field names in the sentence, longest first, since some begin with others."""
    for field in sorted(_PARAMETERS, key=len, reverse=True):
        if "." in field and (option := typed.get(_PARAMETERS[field][0])):
            text = text.replace(field, option)
    return text


def _typed_name(parameter: Parameter) -> str:
    """Return an option as it is typed (`--account`), an argument as the help names it."""
    option = max(parameter.opts, key=len, default="")
    return option if option.startswith("-") else getattr(parameter, "metavar", None) or option.upper()
