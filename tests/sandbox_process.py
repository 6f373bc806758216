"""A sandbox as a process of its own, for any test that needs a LinkedIn to talk to."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.forked_python import ForkedPython

Json = dict[str, Any]

_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_CONTROL_SECONDS = 30


class ControlRefused(Exception):
    """The sandbox's control did not take what it was given."""

    def __init__(self, status: int, answer: Any) -> None:
        super().__init__(f"{status}: {answer}")
        self.status = status
        self.answer = answer


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """An account of the sandbox, with what a browser of its holds."""

    profile_urn: str
    public_identifier: str
    first_name: str
    last_name: str
    cookie: str
    user_agent: str

    @classmethod
    def from_json(cls, account: Json) -> "SandboxAccount":
        """Build it from the control's JSON."""
        return cls(
            profile_urn=account["profileUrn"],
            public_identifier=account["publicIdentifier"],
            first_name=account["firstName"],
            last_name=account["lastName"],
            cookie=account["cookie"],
            user_agent=account["userAgent"],
        )

    @property
    def csrf_token(self) -> str:
        """What the csrf-token header has to be."""
        cookies = dict(part.partition("=")[::2] for part in self.cookie.split("; "))
        return cookies["JSESSIONID"].strip('"')


class SandboxProcess:
    """A running sandbox and its control. All methods are synchronous and talk to `/_control`."""

    def __init__(self, process: subprocess.Popen[str], ready: Json) -> None:
        self.process = process
        self.url: str = ready["url"]
        self.group_id: str = ready["groupId"]
        self.recipient: str = ready["recipientProfileUrn"]
        self.accounts = [SandboxAccount.from_json(account) for account in ready["accounts"]]

    def control(self, method: str, path: str, body: Any = None, **parameters: str | int | None) -> Any:
        """Call `/_control/<path>`. Raises ControlRefused on anything but 200."""
        given = {name: value for name, value in parameters.items() if value is not None}
        url = f"{self.url}/_control/{path}" + (f"?{urllib.parse.urlencode(given)}" if given else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, method=method)
        try:
            with _NO_PROXY.open(request, timeout=_CONTROL_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ControlRefused(error.code, json.load(error)) from None

    def messages(self, *, recipient: str | None = None, account: str | None = None) -> list[Json]:
        """What recipients have truly seen, in order: the oracle."""
        found: list[Json] = self.control("GET", "messages", recipient=recipient, account=account)
        return found

    def count_messages(self, *, recipient: str | None = None, account: str | None = None) -> int:
        """How many messages recipients have truly seen."""
        return int(self.control("GET", "messages/count", recipient=recipient, account=account)["count"])

    def faults(self, faults: Sequence[Mapping[str, Any]]) -> list[Json]:
        """Script faults after those that wait already; all that wait now."""
        waiting: list[Json] = self.control("POST", "faults", list(faults))
        return waiting

    def waiting_faults(self) -> list[Json]:
        """The faults that have not been used up."""
        waiting: list[Json] = self.control("GET", "faults")
        return waiting

    def clear_faults(self) -> None:
        """Let nothing go wrong any more."""
        self.control("DELETE", "faults")

    def world(self, **parameters: str | int) -> Json:
        """The world; `accounts=N`, `group=ID`, `count=N` and `start=N` select a part."""
        world: Json = self.control("GET", "world", **parameters)
        return world

    def act(self, *actions: Mapping[str, Any]) -> None:
        """Change the world: `act({"action": "block", "member": urn})`."""
        self.control("POST", "world", list(actions))

    def reply(self, sender: str, account: str, text: str = "", *, kind: str = "text") -> Json:
        """Have a member write to an account: text, image, voice, file or share, or LinkedIn itself: system."""
        body = {"from": sender, "account": account, "text": text, "kind": kind}
        reply: Json = self.control("POST", "replies", body)
        return reply

    def requests(self, *, limit: int = 100) -> list[Json]:
        """The last requests, oldest first."""
        requests: list[Json] = self.control("GET", "requests", limit=limit)
        return requests

    def reset(self) -> None:
        """Forget every message, fault and change; sessions are as new."""
        self.act({"action": "reset"})


@contextmanager
def running_sandbox(
    *,
    members: int | None = None,
    accounts: int | None = None,
    groups: int | None = None,
    seed: int | None = None,
    port: int | None = None,
    preferred_port: int | None = None,
    state: Path | None = None,
    module: Sequence[str] = ("confrere.sandbox",),
) -> Iterator[SandboxProcess]:
    """A sandbox in a process of its own on a free port, ended afterwards."""
    options = {"members": members, "accounts": accounts, "groups": groups, "seed": seed, "state": state}
    options["preferred-port"] = preferred_port
    command = ["-m", *module, "--json", "--exit-with-parent", f"--port={port or 0}"]
    command += [f"--{name}={value}" for name, value in options.items() if value is not None]
    with ForkedPython(command, stdout=subprocess.PIPE) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise RuntimeError(f"the sandbox did not start: exit code {process.wait()}")
            yield SandboxProcess(process, json.loads(line))
        finally:
            process.kill()
