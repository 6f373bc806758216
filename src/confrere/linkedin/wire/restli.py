"""Rest.li's syntax for the variables of a query."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

Variable = str | int | bool | Sequence["Variable"] | Mapping[str, "Variable"]
"""A value that can be encoded: string, integer, boolean, list or mapping."""


def encode_variables(variable: Variable) -> str:
    """Encode variables as `(key:value,list:List(a,b))`, for use in a URL without further encoding.

    The structural `( ) , :` stay literal; every value is percent-encoded once, with the `( ) ,` inside a compound URN.
    A general query-string encoder would encode the structure too, which LinkedIn answers with 400.
    Source: LinkedIn's web client, attested; the empty string as two quotes: Rest.li's published syntax.
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
