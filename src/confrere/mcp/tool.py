"""A tool: its name and description, the types of its arguments and result, and its function."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Generic

import msgspec

from confrere.domain.errors import ConfrereError
from confrere.domain.keys import Scope
from confrere.mcp.arguments import A, read_arguments
from confrere.mcp.session import AgentSession
from confrere.services import Services


class Result(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The result of a tool, returned as structured content."""

    @property
    def failed(self) -> bool:
        """Whether the result is marked as an error."""
        return False


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool. id: the protocol's request id, by which the session knows the call."""

    agent: AgentSession
    id: Hashable
    request_id: str

    @property
    def services(self) -> Services:
        """The services that the tool calls."""
        return self.agent.services

    @property
    def workspace_id(self) -> str:
        """The workspace whose accounts the agent may use."""
        return self.agent.caller.workspace_id


class ToolFailed(ConfrereError):
    """A call failed; the text holds the reason and the next step as sentences."""


class Effect(Enum):
    """What a tool does beside its answer.

    READS:    nothing.
    CHANGES:  it changes what the server has; nothing reaches a person.
    SENDS:    it sends a message, or lets messages be sent, which cannot be taken back.
    """

    READS = "reads"
    CHANGES = "changes"
    SENDS = "sends"


@dataclass(frozen=True)
class Tool(Generic[A]):
    """One tool.

    needs:   the scope without which an agent does not see it.
    effect:  what it does beside its answer.
    repeats: whether doing it twice is the same as once.
    asks:    whether it calls LinkedIn, or only reads the store.
    """

    name: str
    title: str
    description: str
    takes: type[A]
    gives: type[Result]
    do: Callable[[Call, A], Awaitable[Result]]
    needs: Scope = Scope.READ
    effect: Effect = Effect.READS
    repeats: bool = True
    asks: bool = False

    async def call(self, call: Call, arguments: dict[str, Any]) -> Result:
        """Convert the arguments and run the tool. Raises ConfrereError."""
        return await self.do(call, read_arguments(arguments, self.takes, self.input_schema))

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of its arguments."""
        return schema_of(self.takes)

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        """JSON Schema of its structured content."""
        return schema_of(self.gives)


def schema_of(shape: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the type's JSON Schema with references inlined, because not every host resolves them."""
    (schema,), named = msgspec.json.schema_components([shape], ref_template="{name}")
    whole: dict[str, Any] = _without_references(schema, named)
    whole.pop("title", None)
    whole.pop("description", None)  # the docstring is for developers, not for agents
    return whole


def _without_references(node: Any, named: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_without_references(one, named) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        target = {key: value for key, value in named[node["$ref"]].items() if key not in {"title", "description"}}
        return _without_references({**target, **beside}, named)
    whole = {key: _without_references(value, named) for key, value in node.items()}
    return {"type": "string", **whole} if "enum" in whole else whole  # all our enumerations hold strings
