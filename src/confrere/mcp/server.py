"""The protocol's server on the official SDK: listing tools and calling them.

One server serves every agent; the agent's session is found from the request.
"""

import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, cast

import mcp_types as protocol
import msgspec
import structlog
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from starlette.types import ASGIApp, Receive, Scope, Send

from confrere.domain.audit import acting_as
from confrere.domain.errors import ConfrereError
from confrere.mcp.arguments import find_nearest
from confrere.mcp.error_texts import INTERNAL_ERROR, sentences
from confrere.mcp.session import SCOPE_KEY, AgentSession
from confrere.mcp.tool import Call, Effect, Result, Tool, ToolFailed
from confrere.mcp.tools import INSTRUCTIONS, TOOLS
from confrere.telemetry import metrics

log = structlog.get_logger()

Context = ServerRequestContext[Any, Any]

_BY_NAME = {tool.name: tool for tool in TOOLS}


def build_server(find_session: Callable[[Context], AgentSession]) -> Server[Any]:
    """Build a server that offers each agent the tools that its scopes allow."""
    lists: dict[tuple[str, ...], HandlerResult] = {}

    def offered(context: Context) -> list[Tool[Any]]:
        caller = find_session(context).caller
        return [tool for tool in TOOLS if caller.may(tool.needs)]

    async def cache_lists(ctx: Context, call_next: CallNext) -> HandlerResult:
        """Cache the list of tools by scopes: 25 KB, which the SDK would validate and convert for each request."""
        if ctx.method != "tools/list" or (ctx.params or {}).get("cursor") is not None:
            return await call_next(ctx)
        key = (ctx.protocol_version, *(tool.name for tool in offered(ctx)))
        if key not in lists:
            lists[key] = await call_next(ctx)
        return lists[key]

    async def list_tools(context: Context, _params: protocol.PaginatedRequestParams | None) -> protocol.ListToolsResult:
        return protocol.ListToolsResult(tools=[_to_protocol(tool) for tool in offered(context)])

    async def call_tool(context: Context, params: protocol.CallToolRequestParams) -> protocol.CallToolResult:
        tool = _BY_NAME.get(params.name)
        if tool is None:
            raise MCPError(code=protocol.INVALID_PARAMS, message=_unknown_tool(params.name))
        agent = find_session(context)
        request_id = agent.request_id()
        with structlog.contextvars.bound_contextvars(request_id=request_id), acting_as(agent.actor(request_id)):
            return await _call(tool, Call(agent, context.request_id, request_id), params.arguments or {})

    server = Server[Any](
        "confrere",
        version=version("confrere"),
        title="Confrere",
        instructions=INSTRUCTIONS,
        # Without it the SDK lists all tools on every call, to search for headers that none of them has.
        get_tool_input_schema=lambda _name: None,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    server.middleware.append(cache_lists)
    return server


def build_app() -> ASGIApp:
    """Build the server over HTTP: stateless, and each answer is one JSON object."""
    server = build_server(lambda context: cast("AgentSession", cast("Any", context.request).scope[SCOPE_KEY]))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    return app


def _unknown_tool(name: str) -> str:
    nearest = find_nearest(name, _BY_NAME)
    return f"There is no tool of this name; {f'did you mean {nearest}?' if nearest else 'tools/list has them all'}"


async def _call(tool: Tool[Any], call: Call, arguments: dict[str, Any]) -> protocol.CallToolResult:
    started = time.perf_counter()
    try:
        result = await _check_and_call(tool, call, arguments)
    except ConfrereError as error:
        answer = _failure(sentences(error))
    except Exception:  # a bug: it is logged; its text, which may hold a secret, is not returned
        log.exception("internal_error", tool=tool.name)
        answer = _failure(INTERNAL_ERROR)
    else:
        answer = _to_result(result)
    metrics.AGENT_CALLS.labels(tool.name, "failed" if answer.is_error else "done").inc()
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    log.info("agent_call", tool=tool.name, failed=answer.is_error, milliseconds=milliseconds)
    return answer


async def _check_and_call(tool: Tool[Any], call: Call, arguments: dict[str, Any]) -> Result:
    if not call.agent.caller.may(tool.needs):
        raise ToolFailed(call.agent.explain_missing_scope(tool.needs))
    return await tool.call(call, arguments)


def _to_result(result: Result) -> protocol.CallToolResult:
    """Return the result as structured content, and as text for hosts that support only that."""
    return protocol.CallToolResult(
        content=[protocol.TextContent(text=msgspec.json.encode(result).decode())],
        structured_content=msgspec.to_builtins(result),
        is_error=result.failed,
    )


def _failure(text: str) -> protocol.CallToolResult:
    return protocol.CallToolResult(content=[protocol.TextContent(text=text)], is_error=True)


def _to_protocol(tool: Tool[Any]) -> protocol.Tool:
    return protocol.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=protocol.ToolAnnotations(
            title=tool.title,
            read_only_hint=tool.effect is Effect.READS,
            destructive_hint=tool.effect is Effect.SENDS,
            idempotent_hint=tool.repeats,
            open_world_hint=tool.asks,
        ),
    )
