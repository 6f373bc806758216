"""Rest.li's tuple syntax, in which LinkedIn's web client writes the variables of a query."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

Variable = str | int | bool | Sequence["Variable"] | Mapping[str, "Variable"]
"""What can be written: texts, numbers, truth values, lists and tuples of named values."""


def encode_variables(variable: Variable) -> str:
    """`(key:value,list:List(a,b))`, ready to stand in a URL as it is.

    The structural `( ) , :` stay literal; every value is percent-encoded once, with the `( ) ,` inside a compound URN.
    An encoder that knows only query strings encodes the structure too, which LinkedIn answers with 400.
    Source: LinkedIn's web client, attested; the empty text as two quotes: Rest.li's published syntax.
    """
    match variable:
        case bool():
            return "true" if variable else "false"
        case str():
            return quote(variable, safe="") or "''"
        case int():
            return str(variable)
        case Mapping():
            pairs = (f"{quote(key, safe='')}:{encode_variables(value)}" for key, value in variable.items())
            return f"({','.join(pairs)})"
        case _:
            return f"List({','.join(map(encode_variables, variable))})"
