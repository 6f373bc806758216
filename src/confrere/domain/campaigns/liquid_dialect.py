"""The Liquid of our templates: the library's, without files, other templates and clock, and with limits.

Imported where a template is parsed: the library takes 18 MB and a quarter of a second.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ClassVar, Final, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError, OutputStreamLimitError
from liquid.undefined import Undefined

from confrere.domain.campaigns.template_values import (
    FILTERS,
    Blank,
    BlankShown,
    Nothing,
    TemplateFault,
    TextTooLong,
    Values,
)
from confrere.domain.message import MAX_CHARACTERS

MAX_LOOP_ITERATIONS: Final = 1_000
MAX_LOCAL_BYTES: Final = 64_000

TAGS: Final = frozenset(
    {"#", "assign", "break", "capture", "case", "comment", "continue", "for", "if", "raw", "unless"}
)
_BLOCKS: Final = frozenset({"capture", "case", "comment", "for", "if", "raw", "unless"})


_MARKUP: Final = re.compile(r"\{\{.*?\}\}|\{%-?\s*(#|\w+).*?%\}", re.DOTALL)

Undefined.register(Nothing)


@dataclass(frozen=True, slots=True)
class ParsedText:
    """A template as the library sees it.

    paths:    of the variables that it does not assign itself, by how they are written.
    filters:  with the line of their first use; they may be unknown.
    """

    liquid: BoundTemplate
    paths: Mapping[str, Sequence[Any]]
    filters: Mapping[str, int]

    def render(self, values: Values) -> str:
        """Raises BlankShown, TextTooLong, TemplateFault."""
        try:
            return self.liquid.render(values)
        except OutputStreamLimitError as fault:
            raise TextTooLong from fault
        except LiquidError as fault:
            context = fault.context()
            raise TemplateFault(str(fault.message), context[0] if context else None) from None


def parse_liquid(text: str) -> ParsedText:
    """Raises TemplateFault."""
    try:
        liquid = _ENVIRONMENT.from_string(text)
        analysis = liquid.analyze(include_partials=False)
    except LiquidError as fault:
        raise TemplateFault(str(fault.message), _line_of(fault, text)) from None
    return ParsedText(
        liquid,
        {str(each): each.segments for variables in analysis.globals.values() for each in variables},
        {name: text.count("\n", 0, places[0].index) + 1 for name, places in analysis.filters.items()},
    )


class _OutputNode(OutputNode):
    """`{{ … }}`, which shows no blank variable."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        if isinstance(value, Blank):
            raise BlankShown(value.name)
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


def _undefined(name: str, **_: object) -> Blank:
    """A local variable that was not assigned."""
    return Blank.of(name)


def _keeping_blanks(apply: Callable[..., object]) -> Callable[..., object]:
    @wraps(apply)
    def keep(*values: Any, **options: Any) -> object:
        for value in values:
            if isinstance(value, Blank):
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
