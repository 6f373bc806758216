"""The console as an application on the server; its modules are imported when somebody first opens it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from confrere.console.origins import PATH, Origins
from confrere.services import Services


class ConsoleApp:
    """The ASGI application at `/console`.

    workspace_id:  the one that users log in to.
    sandbox_url:   where the sandbox answers; None on the real LinkedIn.
    sandbox_sessions:  Cookie header and user agent of each of the sandbox's accounts, to try the connecting with.
    """

    def __init__(
        self,
        services: Services,
        *,
        workspace_id: str,
        origins: Origins,
        sandbox_url: str | None = None,
        sandbox_sessions: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._build: Callable[[], ASGIApp] = lambda: _build(
            services, workspace_id, origins, sandbox_url, sandbox_sessions
        )
        self._gate: ASGIApp | None = None

    @property
    def by_path(self) -> Mapping[str, ASGIApp]:
        """The application under its paths on the server."""
        return {PATH: self, f"{PATH}/{{rest:path}}": self}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI request."""
        if self._gate is None:  # in a thread: other requests do not wait for the import
            self._gate = await asyncio.to_thread(self._build)
        await self._gate(scope, receive, send)


def _build(
    services: Services,
    workspace_id: str,
    origins: Origins,
    sandbox_url: str | None,
    sandbox_sessions: Sequence[tuple[str, str]],
) -> ASGIApp:
    from confrere.console.gate import ConsoleGate  # with the templates

    return ConsoleGate(
        services,
        workspace_id=workspace_id,
        origins=origins,
        sandbox_url=sandbox_url,
        sandbox_sessions=sandbox_sessions,
    )
