"""Says what is wrong with a template in the words of a form, with the line."""

import re

from confrere.domain.campaigns.templates import UnknownVariables
from confrere.domain.errors import InvalidField


def place_faults(fault: InvalidField, text: str, label: str) -> str:
    """Return a sentence that begins with the field's label; of unknown variables with their lines in the text."""
    if isinstance(fault, UnknownVariables):
        lines = [_line_of(one.name, text) for one in fault.unknown]
        hints = [
            f"{one.name}{f' in line {line}' if line else ''}{f' (did you mean {one.nearest}?)' if one.nearest else ''}"
            for one, line in zip(fault.unknown, lines, strict=True)
        ]
        known = str(fault).rpartition("; ")[2]
        return f"{label}: it uses {', '.join(hints)}, which the audience and Confrere do not have; {known}."
    return f"{label} {str(fault).removeprefix(f'{fault.field} ')}."


def _line_of(name: str, text: str) -> int | None:
    """Return the line of the first markup that names the variable; None where it is not there."""
    for found in re.finditer(r"\{[{%].*?[%}]\}", text, re.DOTALL):
        if inner := re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", found[0]):
            return text.count("\n", 0, found.start() + inner.start()) + 1
    return None
