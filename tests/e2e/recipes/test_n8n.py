"""docs/recipes/n8n.json is consistent, and its calls succeed on a real server."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.recipes.workflow import Item, Stopped, Workflow, references
from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess

FILE = Path(__file__).parents[3] / "docs" / "recipes" / "n8n.json"
TRIGGER = "Run by hand"


def document() -> Item:
    """Return the workflow of the file."""
    read: Item = json.loads(FILE.read_text("utf-8"))
    return read


def node(workflow: Item, name: str) -> Item:
    """Return one of its nodes."""
    found: Item = next(node for node in workflow["nodes"] if node["name"] == name)
    return found


class Person:
    """A user who has imported the workflow, filled in its settings and runs it."""

    def __init__(self, server: ServerProcess, sandbox: SandboxProcess) -> None:
        self.document = document()
        self._server = server
        self.keys: list[str] = []
        self.set("baseUrl", server.url)
        self.set("groupId", sandbox.group_id)
        node(self.document, "At most a few")["parameters"]["maxItems"] = 2

    def set(self, name: str, value: str) -> None:
        """Fill in a setting."""
        fields = node(self.document, "Settings")["parameters"]["assignments"]["assignments"]
        next(field for field in fields if field["name"] == name)["value"] = value

    def run(self) -> Workflow:
        """Run it to its end."""
        workflow = Workflow(self.document, self._call)
        workflow.run(TRIGGER)
        return workflow

    def _call(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> tuple[int, Mapping[str, str], Any]:
        assert url.startswith(self._server.url)
        if key := headers.get("Idempotency-Key"):
            self.keys.append(key)
        reply = self._server.call(method, url.removeprefix(self._server.url), body, headers=headers)
        if "retry-after" in reply.headers and int(reply.headers["retry-after"]) < 5:
            time.sleep(int(reply.headers["retry-after"]))  # the node after it does
        return reply.status, reply.headers, reply.body


@pytest.fixture
def person(server: ServerProcess, sandbox: SandboxProcess) -> Person:
    """Return a user with a server of their own."""
    return Person(server, sandbox)


def test_it_holds_together() -> None:
    """Names are unique, every connection and expression names an existing node, and every node is reachable."""
    workflow = document()
    names = [node["name"] for node in workflow["nodes"]]
    assert len(set(names)) == len({node["id"] for node in workflow["nodes"]}) == len(names)
    assert references(workflow) <= set(names)
    targets = {target["node"] for one in workflow["connections"].values() for out in one["main"] for target in out}
    assert set(names) - targets == {"Read me", TRIGGER}
    switch = node(workflow, "What became of it")["parameters"]
    assert len(workflow["connections"]["What became of it"]["main"]) == len(switch["rules"]["values"]) + 1


def test_it_holds_no_secret_and_no_blind_retry() -> None:
    """The credentials are placeholders, and n8n retries no node that sends."""
    workflow = document()
    calls = [node for node in workflow["nodes"] if node["type"] == "n8n-nodes-base.httpRequest"]
    assert len(calls) == 4
    for call in calls:
        assert call["credentials"] == {"httpHeaderAuth": {"id": "choose-after-import", "name": "Confrere API key"}}
        assert not call.get("retryOnFail")
        if call["parameters"]["url"].endswith("/send-group"):
            (header,) = call["parameters"]["headerParameters"]["parameters"]
            assert header["name"] == "Idempotency-Key"
    assert "Bearer confrere" not in FILE.read_text("utf-8")


def test_it_sends_a_few(person: Person, sandbox: SandboxProcess) -> None:
    """The first run writes to two members by name, with a pause; the second run sends nothing."""
    workflow = person.run()
    messages = sandbox.messages()
    assert len(messages) == len({message["recipient"] for message in messages}) == 2
    assert all(message["text"].startswith("Hello ") and "{{" not in message["text"] for message in messages)
    assert workflow.waits == [("Pause between messages", 180.0)] * 2
    assert person.keys == [f"meetup-2026-03-{message['recipient'].rpartition(':')[2]}" for message in messages]
    again = person.run()
    assert again.runs["Find a conversation"] == 2
    assert again.runs["Send"] == 0


def test_it_waits_and_sends_then(person: Person, sandbox: SandboxProcess) -> None:
    """After a 429 with a short Retry-After the same message is sent with the same key."""
    throttled = {"effect": "status", "status": 429, "headers": {"Retry-After": "1"}}
    sandbox.faults([{"match": {"path": "createMessage"}, **throttled}])
    workflow = person.run()
    assert workflow.waits[0] == ("Wait for Retry-After", 1.0)
    assert person.keys[0] == person.keys[1]
    assert sandbox.count_messages() == 2


def test_it_repeats_an_unknown_send_with_its_key(person: Person, sandbox: SandboxProcess) -> None:
    """An unknown message that LinkedIn has is found with its key, and the run continues."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "reset_after_accept"}])
    workflow = person.run()
    assert workflow.waits[0] == ("Give it five minutes", 300.0)
    assert workflow.runs["Repeat with the same key"] == 1
    assert sandbox.count_messages() == 2


def test_it_goes_on_after_a_refusal(person: Person, sandbox: SandboxProcess) -> None:
    """A member whom LinkedIn refuses is left out, and the run continues."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "status", "status": 403}])
    assert person.run().runs["Send"] == 2
    assert sandbox.count_messages() == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "status", "status": 429, "headers": {"Retry-After": "86400"}},
        {"effect": "delete_cookie"},
        {"effect": "status", "status": 410},
    ],
    ids=["a long hold", "a dead session", "a protocol that has moved"],
)
def test_it_stops(person: Person, sandbox: SandboxProcess, fault: dict[str, Any]) -> None:
    """A failure that only a person can fix ends the run with a sentence that names the node."""
    sandbox.faults([{"match": {"path": "createMessage"}, **fault}])
    with pytest.raises(Stopped, match="Stopped at urn:li:fsd_profile:"):
        person.run()
    assert sandbox.count_messages() == 0
