"""Short forms for the JSON schemas of request bodies and parameters."""

from collections.abc import Collection

from confrere.api.reference.operation import Node

_LINKEDIN = r"(\S*[/.])?[Ll][Ii][Nn][Kk][Ee][Dd][Ii][Nn]\.[Cc][Oo][Mm](:443)?"  # patterns have no "in any case"
_GROUP_PAGE = rf"{_LINKEDIN}/groups(/[0-9]{{1,19}}([/?#]\S*)?|/?\?\S*gid=[0-9]{{1,19}}\S*)"
_PROFILE_ID = "ACoAA[A-Za-z0-9_-]{1,59}"


def text(
    description: str = "",
    *,
    pattern: str = "",
    format: str = "",  # noqa: A002 (the schema's own word)
    min_length: int | None = None,
    max_length: int | None = None,
    one_of: Collection[str] = (),
    example: object = None,
) -> Node:
    """A string. Constraints that are not given are left out."""
    node: Node = {"type": "string"}
    optional = {
        "enum": [str(value) for value in one_of],
        "pattern": pattern,
        "format": format,
        "minLength": min_length,
        "maxLength": max_length,
        "description": description,
        "examples": None if example is None else [example],
    }
    return {**node, **{name: value for name, value in optional.items() if value not in (None, "", [])}}


def integer(least: int, most: int, description: str = "", **other: object) -> Node:
    """An integer from `least` to `most`."""
    described = {"description": description} if description else {}
    return {"type": "integer", "minimum": least, "maximum": most, **described, **other}


def array(items: Node, description: str, **other: object) -> Node:
    """A list of `items`."""
    return {"type": "array", "items": items, "description": description, **other}


def nullable(schema: Node) -> Node:
    """The same, or null. Null is what an absent field is."""
    return {**schema, "type": [schema["type"], "null"]}


def request(title: str, description: str, properties: Node, *required: str) -> Node:
    """The body of a request. The document names it `title`."""
    needs = {"required": list(required)} if required else {}
    return {"title": title, "description": description, "type": "object", "properties": properties, **needs}


PROFILE = text(
    pattern=rf"^\s*(urn:li:(fsd_profile|fs_miniProfile):[A-Za-z0-9_-]{{1,64}}|{_PROFILE_ID}"
    rf"|{_LINKEDIN}/in/{_PROFILE_ID}([/?#]\S*)?)\s*$"
)
GROUP = text(pattern=rf"^\s*((urn:li:(fsd_)?group:)?[0-9]{{1,19}}|{_GROUP_PAGE})\s*$")
GROUP_URL = text(pattern=rf"^\s*{_GROUP_PAGE}\s*$")
GROUP_OR_NUMBER: Node = {"anyOf": [GROUP, integer(0, 10**19 - 1)]}
ACCOUNT = text(pattern=r"^(\s*[0-9a-fA-F]{24}\s*)?$")
ID = text(pattern="^[0-9a-f]{24}$")
SEND_ID = text(pattern="^[0-9a-f]{32}$")
TIME = text(format="date-time")
