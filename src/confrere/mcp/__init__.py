"""The door for agents: the Model Context Protocol, over HTTP at `/mcp` and over standard input and output.

The protocol's SDK takes a third of a second and 40 MB to import, so that only `server` and `stdio` import it, and those
are imported by the first call.
"""

from confrere.mcp.door import PATH, AgentDoor
from confrere.mcp.visit import Visit

__all__ = ["PATH", "AgentDoor", "Visit", "serve_stdio"]


async def serve_stdio(visit: Visit) -> None:
    """Answer the agent on this process's standard input and output until it leaves, or until SIGTERM or SIGINT."""
    from confrere.mcp.stdio import serve_stdio as serve

    await serve(visit)
