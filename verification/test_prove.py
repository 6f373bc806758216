"""Tests of the verification itself: its timing, its comparisons, its mutations, its definition of growth."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.server_process import SEND_PATH

from confrere.domain.outcome import OutcomeName
from confrere.domain.send import Send
from verification.__main__ import _document
from verification.checks import CHECKS, ROOT
from verification.client import NoResponse, Response
from verification.conftest import MakePlan
from verification.crowd import Crowd
from verification.dying_process import POINTS
from verification.intentions import Intention, Style, find_violations
from verification.interleavings import _next_path
from verification.ledgers import Book
from verification.mutants import DoesNotApply, mutate, run_check, source
from verification.mutation import Mutation
from verification.mutations import MUTATIONS
from verification.plan import SHARES, seconds_of
from verification.report import Report
from verification.restore import _compare_books, _may_repeat
from verification.soak import Sample, check_samples

HEADERS = {"x-request-id": "1"}
SENT = Response(200, HEADERS, b'{"success":true}')
UNKNOWN = Response(500, HEADERS, b'{"error":"e","success":false,"outcome":"unknown"}')
REFUSED = Response(403, HEADERS, b'{"success":false}')


def intention(*answers: Response | NoResponse) -> Intention:
    """Return an intention with these answers."""
    each = Intention("text", 0, "urn", Style.KEYLESS, answers=list(answers))
    each.timings = [(0.0, 1.0, SEND_PATH)] * len(answers)
    return each


@pytest.mark.parametrize("minutes", [1.0, 10.0, 30.0])
def test_parts_share_the_time(minutes: float) -> None:
    """The parts of a run together take about as long as the option --minutes demands."""
    assert sum(seconds_of(part, minutes) for part in SHARES) == pytest.approx(minutes * 60, rel=0.15)


@pytest.mark.parametrize(
    ("answers", "seen", "doubled", "without", "denied"),
    [
        ([SENT], ["text"], 0, 0, 0),
        ([NoResponse(reached=True), SENT], ["text", "text"], 1, 0, 0),
        ([UNKNOWN, SENT], [], 0, 1, 0),
        ([REFUSED], ["text"], 0, 0, 1),
        ([UNKNOWN, REFUSED], ["text"], 0, 0, 0),
        ([NoResponse(reached=False)], ["text"], 0, 0, 1),
    ],
)
def test_violations_are_found(
    answers: list[Response | NoResponse], seen: list[str], doubled: int, without: int, denied: int
) -> None:
    """Doubled messages, 200s without a message, and messages that were denied but sent are counted."""
    violations = find_violations([intention(*answers)], seen)
    counts = (len(violations.doubled), len(violations.sent_without_message), len(violations.denied_but_sent))
    assert counts == (doubled, without, denied)


@pytest.mark.parametrize(
    ("outcome", "urn", "token", "used", "wrong"),
    [
        (OutcomeName.ACCEPTED, "m1", "of another try", 1, None),
        (OutcomeName.ACCEPTED, "m2", "t1", 1, "untrue rows"),
        (OutcomeName.NOT_SENT, None, "t1", 1, "untrue rows"),
        (OutcomeName.NOT_SENT, None, "t2", 1, "lost rows"),
        (OutcomeName.ACCEPTED, "m1", "t1", 0, "wrong units"),
    ],
)
def test_rows_after_a_restore_are_compared(
    outcome: OutcomeName, urn: str | None, token: str, used: int, wrong: str | None
) -> None:
    """A row may name the message that it found in place of its own; everything else that differs is a violation."""
    seen = [{"originToken": "t1", "messageUrn": "m1", "text": "a", "sender": "urn", "at": "2026-03-14T09:00:00Z"}]
    day = datetime(2026, 3, 14, tzinfo=UTC)
    send = Send(
        *("id", "request", "default", "account", "recipient", "1", token, outcome, None, None, urn, None),
        *(day, day, day, day, None),
    )
    report = Report("restore", "sqlite")
    _compare_books(report, [Book("account", "urn", 1, [send], {day: used})], [], seen)
    assert [name for name in ("untrue rows", "lost rows", "wrong units", "over quota") if report.figures[name]] == [
        *([wrong] if wrong else [])
    ]


@pytest.mark.parametrize(
    ("answer", "began", "key", "may"),
    [(SENT, 5.0, None, False), (SENT, 15.0, None, True), (UNKNOWN, 5.0, None, True), (SENT, 5.0, "key", True)],
)
def test_only_what_the_promise_covers_is_repeated(answer: Response, began: float, key: str | None, may: bool) -> None:
    """Without a key, what was answered for certain before the backup was complete is not repeated after its restore."""
    each = Intention("text", 0, "urn", Style.KEYLESS, key, [answer], [(began, began + 1, SEND_PATH)])
    assert _may_repeat(each, 10.0) is may


def test_a_violation_is_counted_and_reported() -> None:
    """The JSON document of a run that broke a promise reports it with its text."""
    report = Report("crash", "sqlite")
    report.count_wrong("messages doubled", ["this one"])
    document = json.loads(json.dumps(_document(7, [report])))
    assert (document["kept"], document["seed"]) == (False, 7)
    assert document["parts"][0]["violations"] == ["messages doubled: this one"]


def test_every_order_is_played_once() -> None:
    """The search runs every order once, depth first, and then ends."""
    path: list[int] = []
    played = []
    while True:
        taken = [(choice, 2) for choice in [*path, 0, 0][:2]]
        played.append([choice for choice, _ in taken])
        path = _next_path(taken)
        if not path:
            break
    assert played == [[0, 0], [0, 1], [1, 0], [1, 1]]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: str(mutation.name))
def test_mutation_applies(mutation: Mutation) -> None:
    """The replaced text occurs in the source exactly once, and the checks to try first exist."""
    assert (source() / mutation.file).read_text("utf-8").count(mutation.old) == 1
    for check in mutation.checks:
        name, *files = check.split(":")
        assert name in CHECKS
        assert all((ROOT / file).is_file() for file in files)


def test_a_mutation_out_of_date_is_refused(tmp_path: Path) -> None:
    """A mutation that changes nothing kills nothing."""
    with pytest.raises(DoesNotApply):
        mutate(Mutation("none", "sending/send.py", "not in there", "", ("orders",)), tmp_path)


def test_a_mutant_is_killed(tmp_path: Path, make_plan: MakePlan) -> None:
    """A copy without the limit's guard breaks a promise in some order of two who want the last unit."""
    mutate(MUTATIONS[0], tmp_path)
    assert "messages of 1" in str(run_check(make_plan("sqlite"), "orders", "sqlite", tmp_path))


@pytest.mark.parametrize(
    ("last", "kept"),
    [(Sample(101_000_000, 21), True), (Sample(200_000_000, 20), False), (Sample(100_000_000, 50), False)],
)
def test_growth(last: Sample, kept: bool) -> None:
    """Memory and descriptors of the last third are compared with those after the warm-up."""
    report = Report("soak", "sqlite")
    check_samples(report, [Sample(100_000_000, 20)] * 20 + [last] * 10)
    assert report.kept is kept


def test_soak_reads_its_own_process() -> None:
    """The figures of /proc are those of a process that runs."""
    import os

    from verification.soak import sample

    here = sample(os.getpid())
    assert here.resident_bytes > 1_000_000
    assert here.descriptors > 2


def test_crowd_draws_the_same_from_the_same_seed(make_plan: MakePlan) -> None:
    """Two runs with one seed draw the same requests."""
    plan = make_plan("sqlite")
    crowds = [Crowd(list, "key", "42", ["a", "b"], ["r1", "r2", "r3"], plan.random("crowd")) for _ in range(2)]
    drawn = [[str(crowd.new_intention()) for _ in range(20)] for crowd in crowds]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("point", POINTS)
def test_point_of_death_exists(point: str) -> None:
    """Each point at which a process kills itself is a method of the product, so that the process reaches it."""
    owner, name, _ = POINTS[point]
    assert callable(getattr(owner, name, None))
