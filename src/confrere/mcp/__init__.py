"""The Model Context Protocol for agents, over HTTP at `/mcp` and over standard input and output.

The protocol's SDK takes a third of a second and 40 MB to import. So only `server` and `stdio` import it, and the first
call imports those.
"""

from confrere.mcp.http import PATH, McpApp
from confrere.mcp.session import AgentSession

__all__ = ["PATH", "AgentSession", "McpApp", "serve_stdio"]


async def serve_stdio(agent: AgentSession) -> None:
    """Serve an agent on this process's standard input and output until it disconnects, or until SIGTERM or SIGINT."""
    from confrere.mcp.stdio import serve_stdio as serve

    await serve(agent)
