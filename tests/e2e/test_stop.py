"""Stopping: what is in flight settles, nothing new begins, and the process ends by itself."""

import time
from concurrent.futures import ThreadPoolExecutor

from tests.sandbox_process import SandboxProcess
from tests.server_process import ServerProcess, Site


def test_a_graceful_stop_settles_what_is_in_flight(server: ServerProcess, sandbox: SandboxProcess, site: Site) -> None:
    """On SIGTERM a send in flight is answered 200, a new one 503, and the exit code is 0."""
    sandbox.faults([{"match": {"path": "createMessage"}, "effect": "delay_seconds", "seconds": 4}])
    with ThreadPoolExecutor(2) as callers:
        slow = callers.submit(server.send, sandbox, "in flight")
        while not any("createMessage" in request["path"] for request in sandbox.requests()):
            if site.sends():
                break
            time.sleep(0.02)
        server.process.terminate()
        time.sleep(1)
        late = server.send(sandbox, "too late")
        assert (late.status, late.body["success"]) == (503, False)
        assert late.headers["retry-after"] == "1"
        assert slow.result().status == 200
    assert server.process.wait(10) == 0
    assert [message["text"] for message in sandbox.messages()] == ["in flight"]
    assert [send.outcome for send in site.sends()] == ["accepted"]
