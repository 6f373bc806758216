"""Guards of the product, each taken away in turn: what is written in its place, and which checks to try first."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """In `file` under src/confrere, `old` (there exactly once) becomes `new`. checks: those to try first, in order."""

    name: str
    file: str
    old: str
    new: str
    checks: tuple[str, ...]
    engine: str = "sqlite"


_TRANSACTIONS = "store/sqlite/transactions.py"
_REPEATS = "store/repeats.py"
_SEND = "sending/send.py"
_POSTGRESQL = "store/sql/functions.sql"
_CLOCKS = ("contract:tests/contract/store/test_clocks.py",)

MUTATIONS = [
    Mutation(
        "a unit is taken whatever the limit",
        "store/sql/sqlite.sql",
        "\nWHERE used < $5;",
        ";",
        ("orders",),
    ),
    Mutation(
        "a clock that went back sells a day again",
        "store/sql/sqlite.sql",
        "AND q.action = 'MESSAGE' AND q.window_start > $6)",
        "AND q.action = 'MESSAGE' AND q.window_start IS NULL)",
        _CLOCKS,
    ),
    Mutation(
        "a clock that differs from another process's sends",
        "store/sql/sqlite.sql",
        "ABS(p.beat_at - $7) > $9",
        "ABS(p.beat_at - $7) > $9 * 1000000000",
        _CLOCKS,
    ),
    Mutation(
        "a wrong clock ends leases and forgets keys",
        "store/clock.py",
        "if abs(clock - other) > tolerance:",
        "if abs(clock - other) > tolerance * 10**9:",
        _CLOCKS,
    ),
    Mutation(
        "a beat of the future is a living worker",
        "store/sql/shared.sql",
        "beat_at BETWEEN $1 AND $2 LIMIT 1",
        "beat_at >= $1 AND $2 = $2 LIMIT 1",
        _CLOCKS,
    ),
    Mutation(
        "what was used with a clock that was ahead is forgotten",
        "store/sql/shared.sql",
        "SET used = quotas.used + excluded.used, last_taken_at",
        "SET used = quotas.used, last_taken_at",
        _CLOCKS,
    ),
    Mutation(
        "an unknown message gives its unit back",
        _TRANSACTIONS,
        "_HOLDS_UNIT = frozenset(name.value for name in HOLDS_UNIT)",
        '_HOLDS_UNIT = frozenset({"in_flight", "accepted"})',
        ("histories",),
    ),
    Mutation(
        "a refused message keeps its unit",
        _TRANSACTIONS,
        "if holds != held:",
        "if holds and not held:",
        ("histories",),
    ),
    Mutation(
        "a unit is given back into today's window",
        _TRANSACTIONS,
        'connection.ask(change, account_id, "MESSAGE", day)',
        'connection.ask(change, account_id, "MESSAGE", settlement.day)',
        ("histories",),
    ),
    Mutation(
        "a late witness is not heard",
        _TRANSACTIONS,
        "return before == _NOT_SENT and after == _ACCEPTED",
        "return False",
        ("sleep",),
    ),
    Mutation(
        "a late witness is taken for the ordinary end",
        "store/sql/sqlite.sql",
        "WHERE id = $1 AND outcome = 'in_flight';",
        "WHERE id = $1;",
        ("contract:tests/contract/store/test_settling.py",),
    ),
    Mutation(
        "a hang-up is not looked at in the ordinary end",
        _TRANSACTIONS,
        "if settlement.outcome != _ACCEPTED or settlement.caller_gone:",
        "if settlement.outcome != _ACCEPTED:",
        ("contract:tests/contract/store/test_repeats.py",),
    ),
    Mutation("no identical earlier send is looked for", _TRANSACTIONS, "bool(sender[9])", "False", ("orders",)),
    Mutation(
        "no key is looked for",
        _TRANSACTIONS,
        '"is_key_known", claim.workspace_id, claim.idempotency_key) is not None',
        '"is_key_known", claim.workspace_id, claim.idempotency_key) is ...',
        ("orders",),
    ),
    Mutation(
        "an account on hold sends",
        _TRANSACTIONS,
        "if hold_until is not None and hold_until > claim.now:",
        "if hold_until is ...:",
        ("faults",),
    ),
    Mutation(
        "an account whose session has ended sends",
        _TRANSACTIONS,
        "if not has_session:",
        "if has_session is ...:",
        ("faults",),
    ),
    Mutation(
        "the do-not-contact list is not looked at",
        _TRANSACTIONS,
        "if opted_out:",
        "if opted_out is ...:",
        ("contract:tests/unit/sending/test_send.py",),
    ),
    Mutation(
        "who is told unknown is counted as answered",
        _TRANSACTIONS,
        "if is_open and (settlement.caller_gone or after == _UNKNOWN):",
        "if is_open and settlement.caller_gone:",
        ("contract:tests/proof/test_unanswered.py",),
    ),
    Mutation(
        "a hang-up before the answer is not written with it",
        _TRANSACTIONS,
        "if is_open and (settlement.caller_gone or after == _UNKNOWN):",
        "if is_open and after == _UNKNOWN:",
        ("contract:tests/contract/store/test_repeats.py",),
    ),
    Mutation(
        "a send of a dead process counts as running",
        _REPEATS,
        "if owner not in alive or lease_until <= now:\n            return _Relation.ABANDONED",
        "if lease_until <= now:\n            return _Relation.ABANDONED",
        ("orders",),
    ),
    Mutation(
        "an answer that a dead process did not give counts as given",
        _REPEATS,
        'answer != "lost" and owner in alive\n',
        'answer != "lost"\n',
        ("orders",),
    ),
    Mutation(
        "a lease never ends",
        _REPEATS,
        "if owner not in alive or lease_until <= now:\n            ended",
        "if owner not in alive:\n            ended",
        ("sleep",),
    ),
    Mutation(
        "a key may be used for another message",
        _REPEATS,
        "if fingerprint != claim.fingerprint or not same_account:",
        "if not same_account:",
        ("contract:tests/contract/store/test_idempotency.py",),
    ),
    Mutation(
        "a late attempt was not lost on its caller",
        "store/sql/shared.sql",
        "SET outcome = 'unknown', answer = 'lost', reason",
        "SET outcome = 'unknown', reason",
        ("sleep",),
    ),
    Mutation(
        "a hang-up is not written",
        "store/sql/sqlite.sql",
        "UPDATE sends SET answer = 'lost' WHERE id = $1 AND is_open = 1;",
        "UPDATE sends SET answer = answer WHERE id = $1 AND is_open = 1;",
        ("contract:tests/contract/store/test_repeats.py",),
    ),
    Mutation(
        "a hang-up during a transaction is written with the next one, whenever that is",
        "store/sqlite/writer.py",
        "if self._waiting or self._has_to_note:",
        "if self._waiting:",
        ("contract:tests/contract/store/test_sqlite.py",),
    ),
    Mutation(
        "a repeat does not wait for another process's word",
        _REPEATS,
        "if owner != claim.instance and (claim.waits_for is None or send_id in claim.waits_for):",
        "if False:",
        ("contract:tests/contract/store/test_repeats.py",),
    ),
    Mutation(
        "an answer counts as delivered to a caller who has left",
        "api/app.py",
        "            line.look()",
        "            pass",
        ("contract:tests/contract/api/test_hang_ups.py",),
    ),
    Mutation(
        "an answer that was swallowed counts as delivered",
        "api/whole_answer.py",
        "if self.transport.is_closing() and",
        "if False and",
        ("contract:tests/unit/api/test_whole_answer.py",),
    ),
    Mutation(
        "a dead process is taken for a living one",
        "store/sqlite/instances.py",
        "path.unlink(missing_ok=True)  # under its lock, so that nobody can have begun to use it\n"
        "            return False",
        "return True",
        ("contract:tests/contract/store/test_processes.py",),
    ),
    Mutation(
        "the row is settled before LinkedIn is asked",
        _SEND,
        "            attempt, session = await self._ask(claim, reserved, line)\n",
        "            await self._settle(claim, line, Attempt(NotSent('early'), {}), None)\n"
        "            attempt, session = await self._ask(claim, reserved, line)\n",
        ("orders",),
    ),
    Mutation(
        "a repeat does not look into LinkedIn",
        _SEND,
        "        if send.outcome is OutcomeName.UNKNOWN:\n",
        "        if send.outcome is None:\n",
        ("faults",),
    ),
    Mutation(
        "a send ends with its caller",
        _SEND,
        "await asyncio.shield(self._start(self._carry_out(wish, line)))",
        "await self._carry_out(wish, line)",
        ("contract:tests/unit/sending/test_send.py",),
    ),
    Mutation(
        "a process that slept past its lease sends",
        _SEND,
        "        if self._clock() >= claim.lease_until:\n            # This",
        "        if self._clock() is None:\n            # This",
        ("sleep",),
    ),
    Mutation(
        "something is sent for a caller who is gone",
        _SEND,
        "        if line.gone:\n            # While",
        "        if line.gone is None:\n            # While",
        ("orders",),
    ),
    Mutation(
        "one look without the message is enough",
        "sending/reconcile.py",
        "case Absent() if send.absent_at is not None and asked_at - send.absent_at >= self._gap:",
        "case Absent() if send.outcome:",
        ("faults",),
    ),
    Mutation(
        "two looks at once are enough",
        "sending/reconcile.py",
        " and asked_at - send.absent_at >= self._gap:",
        ":",
        ("faults",),
    ),
    Mutation(
        "a broken connection counts as not sent",
        "linkedin/request.py",
        "return _read(said, current) if isinstance(said, RawAnswer) else said",
        "return _read(said, current) if isinstance(said, RawAnswer) else NotSent(said.why)",
        ("faults",),
    ),
    Mutation(
        "a 5xx counts as not sent",
        "linkedin/answers.py",
        "def _judge_unclear(answer: Answer, _: str) -> Outcome:\n    return Unknown(_failed(answer))",
        "def _judge_unclear(answer: Answer, _: str) -> Outcome:\n    return NotSent(_failed(answer))",
        ("faults",),
    ),
    Mutation(
        "a throttled account is not held",
        "sending/send.py",
        "if isinstance(outcome, Throttled) else None\n        while True:",
        "if isinstance(outcome, Throttled) else None\n"
        "        outcome = NotSent('throttled') if hold_until else outcome\n"
        "        hold_until = None\n        while True:",
        ("faults",),
    ),
    Mutation(
        "a unit is taken whatever the limit (PostgreSQL)",
        _POSTGRESQL,
        "  WHERE p_limit IS NULL OR q.used < p_limit\n",
        "",
        ("orders",),
        "postgresql",
    ),
    Mutation(
        "a clock that differs from the server's sends (PostgreSQL)",
        _POSTGRESQL,
        "IF abs(p_clock - o_clock) > p_clock_tolerance THEN",
        "IF p_clock IS NULL THEN",
        _CLOCKS,
        "postgresql",
    ),
    Mutation(
        "a clock that went back sells a day again (PostgreSQL)",
        _POSTGRESQL,
        "AND q.window_start > p_now + p_clock_tolerance) THEN",
        "AND q.window_start IS NULL) THEN",
        _CLOCKS,
        "postgresql",
    ),
    Mutation(
        "an unknown message gives its unit back (PostgreSQL)",
        _POSTGRESQL,
        "CASE WHEN p_outcome IN ('in_flight', 'accepted', 'unknown') THEN 1 ELSE 0 END",
        "CASE WHEN p_outcome IN ('in_flight', 'accepted') THEN 1 ELSE 0 END",
        ("histories",),
        "postgresql",
    ),
    Mutation(
        "no identical earlier send is looked for (PostgreSQL)",
        _POSTGRESQL,
        "s.fingerprint = p_fingerprint AND s.is_open = 1",
        "s.fingerprint = p_fingerprint AND s.is_open = 2",
        ("orders",),
        "postgresql",
    ),
    Mutation(
        "a key is taken over though another has it (PostgreSQL)",
        _POSTGRESQL,
        "    WHERE k.send_id = p_stale_id;\n    IF NOT FOUND THEN",
        "    ;\n    IF NOT FOUND THEN",
        ("contract:tests/proof/test_key_race.py",),
        "postgresql",
    ),
    Mutation(
        "who is told unknown is counted as answered (PostgreSQL)",
        _POSTGRESQL,
        "(p_caller_gone OR p_outcome = 'unknown')",
        "p_caller_gone",
        ("contract:tests/proof/test_unanswered.py",),
        "postgresql",
    ),
    Mutation(
        "a dead process is taken for a living one (PostgreSQL)",
        "store/postgresql/engine.py",
        'rows = [(f"{row[0]:016x}",) for row in alive]',
        "rows = [(name,) for name in wish.instances if alive is not None]",
        ("orders",),
        "postgresql",
    ),
]
