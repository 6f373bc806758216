"""Templates of messages, in Liquid: parsed and checked once, rendered from one person's values alone.

Only tags and filters whose result follows from the values are known: no files, no other templates, no clock. A variable
without a value is false in conditions, and equal to nil, blank, empty and ""; it stays blank through every filter but
`default`, and a text that would show it is not made.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache, wraps
from typing import Any, ClassVar, Final, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError, OutputStreamLimitError
from liquid.span import Span
from liquid.undefined import Undefined

from confrere.domain.campaign import SkipReason
from confrere.domain.errors import InvalidField
from confrere.domain.message import MAX_CHARACTERS, MessageText, is_blank
from confrere.domain.person import Person
from confrere.domain.urns import trimmed

CUSTOM: Final = "custom"
MAX_TEMPLATE_CHARACTERS: Final = 20_000
MAX_LOOP_ITERATIONS: Final = 1_000
MAX_LOCAL_BYTES: Final = 64_000

NAMES: Final = (
    "firstName",
    "lastName",
    "fullName",
    "headline",
    "publicIdentifier",
    "groupName",
    "senderFirstName",
    "senderLastName",
)
"""The variables that every template may use, beside `custom.<column>`."""

TAGS: Final = frozenset(
    {"#", "assign", "break", "capture", "case", "comment", "continue", "for", "if", "raw", "unless"}
)
_BLOCKS: Final = frozenset({"capture", "case", "comment", "for", "if", "raw", "unless"})

FILTERS: Final = frozenset(
    {"append", "capitalize", "default", "downcase", "first", "last", "lstrip", "prepend", "remove", "remove_first"}
    | {"remove_last", "rstrip", "size", "slice", "split", "squish", "strip", "strip_newlines", "truncate"}
    | {"truncatewords", "upcase"}
)
"""Without `date`, which knows the present time, and without those that multiply a text's length, as `replace` does."""

_MARKUP: Final = re.compile(r"\{\{.*?\}\}|\{%-?\s*(#|\w+).*?%\}", re.DOTALL)
_NOT_SENDABLE: Final = re.compile("[\0\ud800-\udfff]")
_SAMPLE: Final = "Sample"

Values = Mapping[str, object]
"""What `values_of` returns."""


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


@dataclass(frozen=True, slots=True)
class SharedValues:
    """What is the same for everybody in a campaign."""

    group_name: str | None
    sender_first_name: str | None
    sender_last_name: str | None


class Template:
    """A template that was parsed. Its repr shows the variables only: texts are secret.

    variables:  that it uses, each once, in the order of their names: `firstName`, `custom.city`.
    """

    __slots__ = ("_field", "_liquid", "variables")

    def __init__(self, liquid: BoundTemplate, variables: tuple[str, ...], field: str) -> None:
        self._liquid = liquid
        self._field = field
        self.variables: Final = variables

    def __repr__(self) -> str:
        return f"<Template of {', '.join(self.variables) or 'no variables'}>"

    def check_columns(self, columns: Collection[str]) -> None:
        """Raise UnknownVariables where it uses a `custom` variable that is none of these columns."""
        known = [*NAMES, *(f"{CUSTOM}.{column}" for column in columns)]
        if unknown := _unknown(self.variables, known):
            raise UnknownVariables(self._field, unknown)

    def render(self, values: Values) -> MessageText | NotRendered:
        """Return the person's text. Thread-safe; the same values give the same text.

        Raises:  InvalidField where the template fails with these values, as with `truncate: custom.length`.
        """
        try:
            text = self._liquid.render(values)
        except _BlankShown as shown:
            return NotRendered(SkipReason.BLANK_VARIABLE, shown.name)
        except OutputStreamLimitError:
            return NotRendered(SkipReason.TEXT_TOO_LONG)
        except LiquidError as fault:
            context = fault.context()
            raise _invalid(self._field, fault, context[0] if context else None) from None
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
    if _NOT_SENDABLE.search(text):
        raise InvalidField(field, "must be valid Unicode text without NUL characters")
    try:
        liquid = _ENVIRONMENT.from_string(text)
        analysis = liquid.analyze(include_partials=False)
    except LiquidError as fault:
        raise _invalid(field, fault, _line_of(fault, text)) from None
    _check_filters(analysis.filters, text, field)
    paths = {str(each): each.segments for variables in analysis.globals.values() for each in variables}
    known = NAMES if columns is None else [*NAMES, *(f"{CUSTOM}.{column}" for column in columns)]
    named: list[str] = [_dotted(path) or written for written, path in paths.items()]
    well_formed = {name for path in paths.values() if (name := _dotted(path))}
    if unknown := _unknown(named, known, also=well_formed if columns is None else ()):
        raise UnknownVariables(field, unknown)
    template = Template(liquid, tuple(sorted(well_formed)), field)
    _try(template, field)
    return template


def values_of(person: Person, custom: Mapping[str, str], shared: SharedValues) -> Values:
    """Return what a template is rendered from; blanks around values are taken off."""
    own = _Custom()
    for column, value in custom.items():
        own[column] = _value(value, f"{CUSTOM}.{column}")
    return {
        "firstName": _value(person.first_name, "firstName"),
        "lastName": _value(person.last_name, "lastName"),
        "fullName": _value(person.full_name, "fullName"),
        "headline": _value(person.headline, "headline"),
        "publicIdentifier": _value(person.public_id, "publicIdentifier"),
        **_shared_values(shared),
        CUSTOM: own,
    }


@lru_cache(maxsize=16)
def _shared_values(shared: SharedValues) -> Mapping[str, str]:
    return {
        "groupName": _value(shared.group_name, "groupName"),
        "senderFirstName": _value(shared.sender_first_name, "senderFirstName"),
        "senderLastName": _value(shared.sender_last_name, "senderLastName"),
    }


class _Nothing(str):
    """What conditions see of a blank variable: as a str equal to blank, empty and ""; as an Undefined, not true."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return other is None or str.__eq__(self, other) is True

    __hash__ = str.__hash__


Undefined.register(_Nothing)
_NOTHING: Final = _Nothing()


class _Blank(str):
    """The value of a variable that is blank."""

    __slots__ = ("name",)
    name: str

    force_liquid_default = True

    @classmethod
    def of(cls, name: str) -> "_Blank":
        blank = cls()
        blank.name = name
        return blank

    def __liquid__(self) -> object:
        return _NOTHING


class _BlankShown(Exception):
    """A text would show a variable that is blank."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _Custom(dict[str, str]):
    """A person's own columns; those that they lack are blank."""

    __slots__ = ()

    def __missing__(self, column: str) -> str:
        return _Blank.of(f"{CUSTOM}.{column}")


class _OutputNode(OutputNode):
    """`{{ … }}`, which shows no blank variable."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        if isinstance(value, _Blank):
            raise _BlankShown(value.name)
        return buffer.write(value if isinstance(value, str) else _shown(value))


class _Output(Output):
    node_class = _OutputNode


class _Environment(Environment):
    """Liquid without files, includes and clock, and with limits."""

    loop_iteration_limit: ClassVar[int | None] = MAX_LOOP_ITERATIONS
    local_namespace_limit: ClassVar[int | None] = MAX_LOCAL_BYTES
    output_stream_limit: ClassVar[int | None] = 4 * MAX_CHARACTERS  # bytes of UTF-8

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for name in set(self.tags) - TAGS - {"content", "illegal", "output"}:  # the last three are no tags in a text
            del self.tags[name]
        self.add_tag(_Output)
        self.filters = {name: _keeping_blanks(self.filters[name]) for name in FILTERS - {"default"}} | {
            "default": self.filters["default"]
        }


def _undefined(name: str, **_: object) -> _Blank:
    """A local variable that was not assigned."""
    return _Blank.of(name)


def _keeping_blanks(apply: Callable[..., object]) -> Callable[..., object]:
    @wraps(apply)
    def keep(*values: Any, **options: Any) -> object:
        for value in values:
            if isinstance(value, _Blank):
                return value
        return apply(*values, **options)

    return keep


def _shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return "".join(map(_shown, value))
        case None:
            return ""
        case _:
            return str(value)


_ENVIRONMENT: Final = _Environment(autoescape=False, strict_filters=True, undefined=_undefined)  # type: ignore[arg-type]


def _value(value: str | None, name: str) -> str:
    if value is None:
        return _Blank.of(name)
    if value.isascii() and value.isalnum():  # most names
        return value
    value = trimmed(value)
    if is_blank(value) or _NOT_SENDABLE.search(value):
        return _Blank.of(name)
    return value


def _check_filters(used: Mapping[str, Sequence[Span]], text: str, field: str) -> None:
    for name, places in used.items():
        if name not in FILTERS:
            near = _nearest(name, FILTERS)
            hint = f"did you mean {near}? " if near else ""
            line = text.count("\n", 0, places[0].index) + 1
            known = ", ".join(sorted(FILTERS))
            raise InvalidField(field, f"has the unknown filter {name} in line {line}; {hint}known are {known}")


def _try(template: Template, field: str) -> None:
    """Render with every variable given, then with none: what fails for everybody is refused at once."""
    sample: dict[str, object] = dict.fromkeys(NAMES, _SAMPLE)
    columns = [name.partition(".")[2] for name in template.variables if name.startswith(f"{CUSTOM}.")]
    rendered = template.render({**sample, CUSTOM: _Custom.fromkeys(columns, _SAMPLE)})
    if isinstance(rendered, NotRendered):
        if rendered.reason is SkipReason.TEXT_TOO_LONG:
            raise InvalidField(field, f"must make texts of at most {MAX_CHARACTERS:,} characters")
        if rendered.variable is None:
            raise InvalidField(field, "must make a text in which something can be seen, but it is blank")
        raise InvalidField(field, f"shows {rendered.variable}, which has no value when every variable has one")
    template.render({**{name: _Blank.of(name) for name in NAMES}, CUSTOM: _Custom()})


def _dotted(path: list[Any]) -> str | None:
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


def _invalid(field: str, fault: LiquidError, line: int | None) -> InvalidField:
    where = f" in line {line}" if line else ""
    return InvalidField(field, f"must be a Liquid template that can be rendered; the fault{where}: {fault.message}")


def _line_of(fault: LiquidError, text: str) -> int | None:
    if (context := fault.context()) is not None:
        return context[0]
    return next(_faulty_lines(text), None)


def _faulty_lines(text: str) -> Iterator[int]:
    """The lines of what cannot be parsed alone, then of blocks that are not closed, the innermost first.

    For faults at the end of an expression or of the text, to which the library gives no place.
    """
    blocks: list[tuple[str, int]] = []
    for found in _MARKUP.finditer(text):
        line, tag = text.count("\n", 0, found.start()) + 1, found[1]
        if tag in _BLOCKS:
            blocks.append((tag, line))
        elif tag and tag.startswith("end") and blocks:
            blocks.pop()
        if tag is None or tag in TAGS:
            try:
                _ENVIRONMENT.from_string(found[0] + (f"{{% end{tag} %}}" if tag in _BLOCKS else ""))
            except LiquidError:
                yield line
    yield from (line for _, line in reversed(blocks))
