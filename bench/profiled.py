"""Where a send's CPU time goes, by stage: the server with a sampler in it.

The sampler is a signal after some milliseconds of the process's CPU time; it notes to which stage the Python code
belongs that runs just then. What C does for it, the kernel's work for its sockets included, counts for it.
"""

import json
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

from bench.measure import measure
from bench.processes import Contestant, gateway
from bench.stores import BenchStore

_STAGES = (
    ("/structlog/", "log and metrics"),
    ("/prometheus_client/", "log and metrics"),
    ("/confrere/telemetry/", "log and metrics"),
    ("/cryptography/", "encrypt and decrypt"),
    ("/confrere/store/vault", "encrypt and decrypt"),
    ("/confrere/store/", "store: SQL, rows, group commit"),
    ("/asyncpg/", "store: SQL, rows, group commit"),
    ("/confrere/linkedin/http/", "ask LinkedIn: connections and their sockets"),
    ("/confrere/linkedin/", "ask LinkedIn: headers, body, judging"),
    ("/uvicorn/", "HTTP in and out: uvicorn and its sockets"),
    ("/confrere/http/server", "HTTP in and out: uvicorn and its sockets"),
    ("/confrere/http/fast", "HTTP in and out: uvicorn and its sockets"),
    ("/confrere/http/", "gate: routing, authentication, reading, answering"),
    ("/starlette/", "gate: routing, authentication, reading, answering"),
    ("/confrere/api/", "gate: routing, authentication, reading, answering"),
    ("/confrere/sending/", "send: reserve, attempt, settle"),
    ("/confrere/domain/", "send: reserve, attempt, settle"),
)
_LOOP = "event loop: waking, tasks, reading sockets"
_WRITE_EVERY = 50


def profile(store: BenchStore, linkedin: str, direct: Contestant, folder: Path, *, seconds: float) -> dict[str, float]:
    """Microseconds of CPU time a send by stage."""
    kept = folder / "profile.json"
    os.environ["BENCH_PROFILE"] = str(kept)
    try:
        with gateway("profiled", store, linkedin, command=("-m", "bench.profiled")) as contestant:
            measure(contestant, direct, seconds=0.5)
            seen = measure(contestant, direct, seconds=seconds)
    finally:
        del os.environ["BENCH_PROFILE"]
    samples = json.loads(kept.read_text())
    total = sum(samples.values())
    return {stage: seen.own_cpu * count / total for stage, count in sorted(samples.items(), key=lambda one: -one[1])}


def _stage(frame: FrameType | None) -> str:
    while frame is not None:
        file = frame.f_code.co_filename
        for part, stage in _STAGES:
            if part in file:
                return stage
        frame = frame.f_back
    return _LOOP


def main() -> None:
    """Serve with the sampler on."""
    samples: Counter[str] = Counter()
    kept = Path(os.environ["BENCH_PROFILE"])
    beside = kept.with_suffix(".new")
    # confrere's own command line is on every stack; it is where the event loop runs.
    outer = ("/confrere/cli/", "/confrere/__main__", "/confrere/wiring/")

    def note(_signal: int, frame: FrameType | None) -> None:
        while frame is not None and any(part in frame.f_code.co_filename for part in outer):
            frame = frame.f_back
        samples[_stage(frame)] += 1
        if sum(samples.values()) % _WRITE_EVERY == 0:
            beside.write_text(json.dumps(samples))
            beside.replace(kept)  # as a whole: this process is killed in the end

    def begin() -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)

    signal.signal(signal.SIGPROF, note)
    threading.Timer(1.0, begin).start()
    from confrere.__main__ import main as serve  # after the sampler, as little of the start-up as can be

    sys.argv[0] = "confrere"
    serve()


if __name__ == "__main__":
    main()
