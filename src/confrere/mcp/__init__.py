"""The door for agents: the Model Context Protocol, over HTTP at `/mcp` and over standard input and output.

The protocol's SDK takes a third of a second and 40 MB to import, so that only `server` and `stdio` import it, and those
are imported by the first call.
"""

from confrere.mcp.http import PATH, McpApp
from confrere.mcp.session import AgentSession

__all__ = ["PATH", "AgentSession", "McpApp", "serve_stdio"]


async def serve_stdio(agent: AgentSession) -> None:
    """Answer the agent on this process's standard input and output until it leaves, or until SIGTERM or SIGINT."""
    from confrere.mcp.stdio import serve_stdio as serve

    await serve(agent)
