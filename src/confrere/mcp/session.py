"""The session of an agent: who calls, and which of its calls still wait for an answer."""

import secrets
from collections.abc import Callable, Hashable

from confrere.domain.audit import Actor, ActorKind
from confrere.domain.errors import ConfrereError
from confrere.domain.keys import Caller, Scope
from confrere.sending import CallerConnection
from confrere.services import Services

SCOPE_KEY = "confrere.agent"
"""The key of the AgentSession in the ASGI scope of a request."""


class AgentHungUp(ConfrereError):
    """The agent disconnected, so nothing new is begun for it."""

    def __init__(self) -> None:
        super().__init__("The agent has disconnected; nothing was begun")


class AgentSession:
    """One agent's connection: a request over HTTP, or the whole life of a process over standard input and output.

    request_id:  of the one request; None where there are many, and each is given its own.
    address:     the client's; None where the agent started this process.
    over_stdio:  whether the agent started this process itself, so that no API key limits it.
    poll_connection:  polls it, where that is possible, and calls `leave` if it has ended.
    """

    def __init__(
        self,
        services: Services,
        caller: Caller,
        *,
        request_id: str | None = None,
        address: str | None = None,
        over_stdio: bool = False,
    ) -> None:
        self.services = services
        self.caller = caller
        self._over_stdio = over_stdio
        self._request_id = request_id
        self._address = address
        self._connections: dict[Hashable, CallerConnection] = {}
        self._is_gone = False
        self.poll_connection: Callable[[], None] = lambda: None

    @property
    def waits(self) -> bool:
        """Whether a call of a send waits for its answer."""
        return bool(self._connections)

    def request_id(self) -> str:
        """Return the request id of a call, for the ledger and the log."""
        return self._request_id or new_request_id()

    def actor(self, request_id: str) -> Actor:
        """Return who acts in a call, for the audit log. An agent over standard input has no key."""
        return Actor(ActorKind.AGENT, None if self._over_stdio else self.caller.key_id, self._address, request_id)

    def explain_missing_scope(self, scope: Scope) -> str:
        """Return a sentence that names how the agent's owner can grant this scope."""
        if self._over_stdio and scope is Scope.ADMIN:
            remedy = f"An agent that starts this server itself cannot have the scope '{scope}': a person has to do this"
        elif self._over_stdio:
            remedy = f"This server was started without the scope '{scope}': `confrere mcp --scope {scope}` has it"
        else:
            remedy = f"This API key lacks the scope '{scope}': `confrere keys create --scope {scope}` makes one"
        return f"{remedy}. Ask the human; do not look for another way."

    def register_call(self, call: Hashable) -> CallerConnection:
        """Register a call of a send that waits for its answer. Raises AgentHungUp."""
        if self._is_gone:
            raise AgentHungUp
        connection = self._connections[call] = CallerConnection(self.poll_connection)
        return connection

    def mark_unanswered(self, call: Hashable) -> None:
        """Record that the call's outcome will not reach the agent: it disconnected, or was answered with `unknown`."""
        connection = self._connections.pop(call, None)
        if connection is not None:
            self.services.sender.record_disconnect(connection)

    def mark_answered(self, call: Hashable) -> None:
        """Record that the call's answer was written to an open connection."""
        connection = self._connections.pop(call, None)
        if connection is not None:
            self.services.sender.record_answered(connection)

    def mark_all_answered(self) -> None:
        """Record that the answers of all waiting calls were written."""
        for call in list(self._connections):
            self.mark_answered(call)

    def leave(self) -> None:
        """Record that the agent disconnected: the same call again is a repeat of one that was not answered."""
        self._is_gone = True
        for call in list(self._connections):
            self.mark_unanswered(call)


def new_request_id() -> str:
    """Return a new request id, for a caller that sent none."""
    return f"mcp-{secrets.token_hex(8)}"
