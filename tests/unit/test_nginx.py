"""nginx's own answers have the API's shape, read by nginx itself where it is installed."""

import http.client
import json
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CONFIG = Path(__file__).parent.parent.parent / "deploy" / "nginx.conf"
TEMP = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
SEND = "/linkedin/messaging/send-group"
UNREACHABLE = "The server cannot be reached, or it ended before it had answered"
TOO_LARGE = "The body must be at most 6 MiB"

needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed here")


def local_config(folder: Path, *, port: int = 8080, upstream: int = 8081) -> Path:
    """Write the configuration for this machine in place of the containers, with all files inside `folder`."""
    text = CONFIG.read_text()
    text = text.replace("server api:8080 resolve", f"server 127.0.0.1:{upstream}").replace(
        "listen 8080", f"listen 127.0.0.1:{port}"
    )
    text = re.sub(r"^ *resolver .*$", "", text, flags=re.MULTILINE)
    text = text.replace("proxy_read_timeout 30s", "proxy_read_timeout 100ms")
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in TEMP)
    path = folder / "nginx.conf"
    path.write_text(
        f"pid {folder}/pid; daemon off; master_process off;\n" + text.replace("http {", "http {\n" + temporary)
    )
    return path


def free_port() -> int:
    """Return a free port."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running_nginx(folder: Path, upstream: int) -> Iterator[int]:
    """Start nginx before this upstream and return its port."""
    port = free_port()
    config = local_config(folder, port=port, upstream=upstream)
    command: list[str | Path] = ["nginx", "-e", folder / "log", "-p", folder, "-c", config]
    with subprocess.Popen(command) as process:
        try:
            while process.poll() is None:
                with socket.socket() as trial:
                    if trial.connect_ex(("127.0.0.1", port)) == 0:
                        break
            assert process.poll() is None, (folder / "log").read_text()
            yield port
        finally:
            process.kill()


def ask(port: int, path: str, size: int = 2) -> tuple[int, dict[str, str], object]:
    """Return status, headers and JSON of a POST."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest("POST", path)
        connection.putheader("Content-Length", str(size))
        connection.endheaders(b"{}")
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.loads(answer.read())
    finally:
        connection.close()


@needs_nginx
def test_nginx_takes_its_file(tmp_path: Path) -> None:
    """Nginx accepts its configuration, with this machine in place of the containers."""
    config = local_config(tmp_path)
    done = subprocess.run(
        ["nginx", "-t", "-e", tmp_path / "log", "-p", tmp_path, "-c", config],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@needs_nginx
def test_own_answers_have_the_shape_of_the_api(tmp_path: Path) -> None:
    """A send whose fate nginx cannot know is `unknown`; every answer under /linkedin has its five headers."""
    with running_nginx(tmp_path, upstream=free_port()) as port:
        failed = f"Error sending group context message: {UNREACHABLE}"
        for path, size, status, body in (
            (SEND, 2, 502, {"error": failed, "success": False, "outcome": "unknown"}),
            (f"{SEND}-with-typing", 2, 502, {"error": failed, "success": False, "outcome": "unknown"}),
            ("/linkedin/groups/members", 2, 502, {"error": UNREACHABLE, "success": False}),
            (SEND, 7_000_000, 413, {"success": False, "error": TOO_LARGE}),
        ):
            got, headers, answered = ask(port, path, size)
            assert (got, headers["content-type"], answered) == (status, "application/json", body)
            action = "GROUP_MEMBERS" if "members" in path else "MESSAGE"
            limits = {name: value for name, value in headers.items() if name.startswith("x-ratelimit")}
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT23:59:59Z", limits.pop("x-ratelimit-reset"))
            assert list(limits.values()) == [action, "0", "0", "0"]
            assert headers["x-request-id"]


@needs_nginx
def test_own_answers_elsewhere_are_problem_details(tmp_path: Path) -> None:
    """Nginx's own answers under /v1 are problem details, with our types where there is one."""
    with running_nginx(tmp_path, upstream=free_port()) as port:
        for size, status, kind, title, detail in (
            (7_000_000, 413, "urn:problem-type:confrere:bodyTooLarge", "The body is too large", TOO_LARGE),
            (2, 502, "about:blank", "Bad Gateway", UNREACHABLE),
        ):
            got, headers, answered = ask(port, "/v1/do-not-contact/import", size)
            assert (got, headers["content-type"]) == (status, "application/problem+json")
            assert answered == {
                "type": kind, "title": title, "status": status, "detail": detail,
                "requestId": headers["x-request-id"],
            }  # fmt: skip


@needs_nginx
def test_a_late_server_is_asked_once(tmp_path: Path) -> None:
    """A send that is not answered in time is `unknown`, and nginx has not repeated it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    accepted.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        with running_nginx(tmp_path, upstream=listener.getsockname()[1]) as port:
            status, _, answered = ask(port, SEND)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    assert len(accepted) == 1
    accepted[0].close()
    error = "Error sending group context message: The server did not answer in time"
    assert (status, answered) == (504, {"error": error, "success": False, "outcome": "unknown"})


def test_nginx_never_repeats_a_post() -> None:
    """A send that a proxy repeats by itself could go out twice."""
    text = CONFIG.read_text()
    assert "proxy_next_upstream off;" in text
    assert "non_idempotent" not in text
    assert text.count("{") == text.count("}")


def test_containers_that_moved_are_found_again() -> None:
    """The name of the upstream is resolved while nginx runs, by the container engine's own resolver."""
    text = CONFIG.read_text()
    assert re.search(r"server api:8080 resolve\b", text)
    assert re.search(r"^ *resolver 127\.0\.0\.11 ", text, re.MULTILINE)
    assert re.search(r"^ *zone confrere ", text, re.MULTILINE)
