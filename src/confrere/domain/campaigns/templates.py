"""Templates of messages, in Liquid: parsed and checked once, rendered from one person's values alone.

Only tags and filters whose result follows from the values are known: no files, no other templates, no clock.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, cast

from confrere.domain.campaigns.campaign import SkipReason
from confrere.domain.campaigns.template_values import (
    CUSTOM,
    FILTERS,
    NAMES,
    NOT_SENDABLE,
    Blank,
    BlankShown,
    CustomValues,
    TemplateFault,
    TextTooLong,
    Values,
)
from confrere.domain.errors import InvalidField
from confrere.domain.message import MAX_CHARACTERS, MessageText, is_blank

MAX_TEMPLATE_CHARACTERS: Final = 20_000

_SAMPLE: Final = "Sample"


@dataclass(frozen=True, slots=True)
class NotRendered:
    """There is no text: BLANK_VARIABLE or TEXT_TOO_LONG. `variable`: the blank one, where one would be shown."""

    reason: SkipReason
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class UnknownVariable:
    """A variable that is none. `nearest`: the known name that is most like it, None where none is."""

    name: str
    nearest: str | None


class UnknownVariables(InvalidField):
    """The template uses variables that do not exist."""

    def __init__(self, field: str, unknown: tuple[UnknownVariable, ...]) -> None:
        hints = ", ".join(f"{one.name} (did you mean {one.nearest}?)" if one.nearest else one.name for one in unknown)
        known = f"{', '.join(NAMES)} and {CUSTOM}.<column>"
        super().__init__(field, f"must use known variables only, but has {hints}; known are {known}")
        self.unknown = unknown


class Template:
    """A template that was parsed. Its repr shows the variables only: texts are secret.

    variables:  that it uses, each once, in the order of their names: `firstName`, `custom.city`.
    """

    __slots__ = ("_field", "_render", "variables")

    def __init__(self, render: Callable[[Values], str], variables: tuple[str, ...], field: str) -> None:
        self._render = render
        self._field = field
        self.variables: Final = variables

    def __repr__(self) -> str:
        return f"<Template of {', '.join(self.variables) or 'no variables'}>"

    def check_columns(self, columns: Collection[str]) -> None:
        """Raise UnknownVariables where it uses a `custom` variable that is none of these columns."""
        known = [*NAMES, *(f"{CUSTOM}.{column}" for column in columns)]
        if unknown := _unknown(self.variables, known):
            raise UnknownVariables(self._field, unknown)

    def blank_in(self, values: Values) -> tuple[str, ...]:
        """Return those of its variables that are blank in these values."""
        own = cast("CustomValues", values[CUSTOM])
        named = {name: own[name.partition(".")[2]] if "." in name else values[name] for name in self.variables}
        return tuple(name for name, value in named.items() if isinstance(value, Blank))

    def placeholders(self) -> Values:
        """Return values that show where each variable stands: `[firstName]`."""
        own = [name.partition(".")[2] for name in self.variables if "." in name]
        return {
            **{name: f"[{name}]" for name in NAMES},
            CUSTOM: CustomValues({column: f"[{CUSTOM}.{column}]" for column in own}),
        }

    def render(self, values: Values) -> MessageText | NotRendered:
        """Return the person's text. Thread-safe; the same values give the same text.

        Raises:  InvalidField where the template fails with these values, as with `truncate: custom.length`.
        """
        try:
            text = self._render(values)
        except BlankShown as shown:
            return NotRendered(SkipReason.BLANK_VARIABLE, shown.name)
        except TextTooLong:
            return NotRendered(SkipReason.TEXT_TOO_LONG)
        except TemplateFault as fault:
            raise _invalid(self._field, fault) from None
        if len(text) > MAX_CHARACTERS:
            return NotRendered(SkipReason.TEXT_TOO_LONG)
        if is_blank(text):
            return NotRendered(SkipReason.BLANK_VARIABLE)
        return MessageText.parse(text)


def parse_template(text: str, *, columns: Collection[str] | None = None, field: str = "text") -> Template:
    """Parse and try a template.

    columns:  the names after `custom.` that exist; None where they are not known yet: then any is taken.
    Raises:   UnknownVariables; InvalidField with the line of a fault.
    """
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        raise InvalidField(field, f"must be at most {MAX_TEMPLATE_CHARACTERS:,} characters long, but has {len(text):,}")
    if NOT_SENDABLE.search(text):
        raise InvalidField(field, "must be valid Unicode text without NUL characters")
    if "{{" not in text and "{%" not in text:
        template = Template(lambda _: text, (), field)
        _try(template, field)
        return template
    from confrere.domain.campaigns.liquid_dialect import parse_liquid  # here: it takes 18 MB

    try:
        parsed = parse_liquid(text)
    except TemplateFault as fault:
        raise _invalid(field, fault) from None
    _check_filters(parsed.filters, field)
    known = NAMES if columns is None else [*NAMES, *(f"{CUSTOM}.{column}" for column in columns)]
    named: list[str] = [_dotted(path) or written for written, path in parsed.paths.items()]
    well_formed = {name for path in parsed.paths.values() if (name := _dotted(path))}
    if unknown := _unknown(named, known, also=well_formed if columns is None else ()):
        raise UnknownVariables(field, unknown)
    template = Template(parsed.render, tuple(sorted(well_formed)), field)
    _try(template, field)
    return template


def _check_filters(lines: Mapping[str, int], field: str) -> None:
    for name, line in lines.items():
        if name not in FILTERS:
            near = _nearest(name, FILTERS)
            hint = f"did you mean {near}? " if near else ""
            known = ", ".join(sorted(FILTERS))
            raise InvalidField(field, f"has the unknown filter {name} in line {line}; {hint}known are {known}")


def _try(template: Template, field: str) -> None:
    """Render with every variable given, then with none: what fails for everybody is refused at once."""
    sample: dict[str, object] = dict.fromkeys(NAMES, _SAMPLE)
    columns = [name.partition(".")[2] for name in template.variables if name.startswith(f"{CUSTOM}.")]
    rendered = template.render({**sample, CUSTOM: CustomValues.fromkeys(columns, _SAMPLE)})
    if isinstance(rendered, NotRendered):
        if rendered.reason is SkipReason.TEXT_TOO_LONG:
            raise InvalidField(field, f"must make texts of at most {MAX_CHARACTERS:,} characters")
        if rendered.variable is None:
            raise InvalidField(field, "must make a text in which something can be seen, but it is blank")
        raise InvalidField(field, f"shows {rendered.variable}, which has no value when every variable has one")
    template.render({**{name: Blank.of(name) for name in NAMES}, CUSTOM: CustomValues()})


def _dotted(path: Sequence[Any]) -> str | None:
    """`firstName` or `custom.<column>`; None for another form."""
    match path:
        case [str(name)] if name != CUSTOM:
            return name
        case ["custom", str(column)]:
            return f"{CUSTOM}.{column}"
        case _:
            return None


def _unknown(names: Collection[str], known: Collection[str], also: Collection[str] = ()) -> tuple[UnknownVariable, ...]:
    """also: names that are known where they begin with `custom.`."""
    return tuple(
        UnknownVariable(name, _nearest(name, known))
        for name in sorted(set(names))
        if name not in known and not (name in also and name.startswith(f"{CUSTOM}."))
    )


def _nearest(name: str, known: Collection[str]) -> str | None:
    by_form = {_form(each): each for each in known}
    found = get_close_matches(_form(name), by_form, n=1, cutoff=0.5)
    return by_form[found[0]] if found else None


def _form(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _invalid(field: str, fault: TemplateFault) -> InvalidField:
    where = f" in line {fault.line}" if fault.line else ""
    return InvalidField(field, f"must be a Liquid template that can be rendered; the fault{where}: {fault}")
