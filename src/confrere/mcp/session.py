"""An agent that calls, and the lines on which it waits for answers."""

import secrets
from collections.abc import Callable, Hashable

from confrere.domain.errors import ConfrereError
from confrere.domain.keys import Caller, Scope
from confrere.sending import CallerConnection
from confrere.services import Services


class AgentHungUp(ConfrereError):
    """The agent is gone: there is nobody to answer, and nothing new is begun for it."""

    def __init__(self) -> None:
        super().__init__("Nobody waits for the answer any more; nothing was begun")


class AgentSession:
    """One agent's connection: a request over HTTP, or the whole life of a process over standard input and output.

    request_id:  of the one request; None where there are many, and each is given its own.
    over_stdio:  whether the agent started this process itself, so that no API key limits it.
    look:        has the connection say now whether it has ended, where it can be asked.
    """

    def __init__(
        self, services: Services, caller: Caller, *, request_id: str | None = None, over_stdio: bool = False
    ) -> None:
        self.services = services
        self.caller = caller
        self._over_stdio = over_stdio
        self._request_id = request_id
        self._lines: dict[Hashable, CallerConnection] = {}
        self._gone = False
        self.look: Callable[[], None] = lambda: None

    @property
    def waits(self) -> bool:
        """Whether the agent waits for the answer of a send."""
        return bool(self._lines)

    def request_id(self) -> str:
        """The name under which the ledger and the log know this call."""
        return self._request_id or new_request_id()

    def explain_missing_scope(self, scope: Scope) -> str:
        """What the human has to do for an agent that needs this scope."""
        if self._over_stdio:
            remedy = f"This server was started without the scope '{scope}': `confrere mcp --scope {scope}` has it"
        else:
            remedy = f"This API key lacks the scope '{scope}': `confrere keys create --scope {scope}` makes one"
        return f"{remedy}. Ask the human; do not look for another way."

    def open_line(self, call: Hashable) -> CallerConnection:
        """The line on which the agent waits for the answer of this call, a send. Raises AgentHungUp."""
        if self._gone:
            raise AgentHungUp
        line = self._lines[call] = CallerConnection(self.look)
        return line

    def give_up(self, call: Hashable) -> None:
        """The agent will not be told how this call ends: it is gone, or was told that we do not know."""
        line = self._lines.pop(call, None)
        if line is not None:
            self.services.sender.record_disconnect(line)

    def answered(self, call: Hashable) -> None:
        """The answer of this call was handed to the operating system, for a connection that was open."""
        line = self._lines.pop(call, None)
        if line is not None:
            self.services.sender.record_answered(line)

    def answered_all(self) -> None:
        """So were all answers that the agent waited for."""
        for call in list(self._lines):
            self.answered(call)

    def leave(self) -> None:
        """The agent is gone: whatever it asks again is a repeat of what it was not told."""
        self._gone = True
        for call in list(self._lines):
            self.give_up(call)


def new_request_id() -> str:
    """For a caller who gave none."""
    return f"mcp-{secrets.token_hex(8)}"
