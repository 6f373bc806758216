"""The mutations: each replaces one guard of the product, and names the checks to run first."""

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


_TRANSACTIONS = "store/sqlite/reserve_and_settle.py"
_REPEATS = "store/repeats.py"
_SEND = "sending/send.py"
_PROTOCOL = "http/protocol.py"
_POSTGRESQL = "store/sql/functions.sql"
_CLOCKS = ("contract:tests/contract/store/test_clocks.py",)

_PEOPLE_SQL = "store/sql/shared/campaign_people.sql"
_CAMPAIGNS = ("contract:tests/contract/store/test_campaigns.py",)
_COLLECTIONS_SQL = "store/sql/shared/collections.sql"
_AUDIENCES = ("contract:tests/contract/store/test_audiences.py",)

MUTATIONS = [
    Mutation(
        "a unit is taken whatever the limit",
        "store/sql/sqlite.sql",
        "\nWHERE used < $4;",
        ";",
        ("orders",),
    ),
    Mutation(
        "a clock that went back sells a day again",
        "store/sql/sqlite.sql",
        "AND q.action = 'MESSAGE' AND q.window_start > :newest_window)",
        "AND q.action = 'MESSAGE' AND q.window_start IS NULL)",
        _CLOCKS,
    ),
    Mutation(
        "a clock that differs from another process's sends",
        "store/sql/sqlite.sql",
        "ABS(p.beat_at - :clock) > :tolerance",
        "ABS(p.beat_at - :clock) > :tolerance * 1000000000",
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
        "store/sql/shared/clocks.sql",
        "beat_at BETWEEN $1 AND $2 LIMIT 1",
        "beat_at >= $1 AND $2 = $2 LIMIT 1",
        _CLOCKS,
    ),
    Mutation(
        "what was used with a clock that was ahead is forgotten",
        "store/sql/shared/clocks.sql",
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
        'connection.ask(change, (account_id, "MESSAGE", before.day))',
        'connection.ask(change, (account_id, "MESSAGE", settlement.day))',
        ("histories",),
    ),
    Mutation(
        "a late proof of arrival is ignored",
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
        "a disconnect is ignored in the ordinary end",
        _TRANSACTIONS,
        "if settlement.outcome != _ACCEPTED or settlement.caller_gone:",
        "if settlement.outcome != _ACCEPTED:",
        ("contract:tests/contract/store/test_repeats.py",),
    ),
    Mutation("no identical earlier send is looked for", _TRANSACTIONS, "bool(sender.has_open)", "False", ("orders",)),
    Mutation(
        "keys are not searched",
        _TRANSACTIONS,
        '"is_key_known", (claim.workspace_id, claim.idempotency_key)) is not None',
        '"is_key_known", (claim.workspace_id, claim.idempotency_key)) is ...',
        ("orders",),
    ),
    Mutation(
        "an account on hold sends",
        _TRANSACTIONS,
        "if sender.hold_until is not None and sender.hold_until > claim.now:",
        "if sender.hold_until is ...:",
        ("faults",),
    ),
    Mutation(
        "an account whose session has ended sends",
        _TRANSACTIONS,
        "if not sender.has_session:",
        "if sender.has_session is ...:",
        ("faults",),
    ),
    Mutation(
        "the do-not-contact list is ignored",
        _TRANSACTIONS,
        "if sender.is_opted_out:",
        "if sender.is_opted_out is ...:",
        ("contract:tests/unit/sending/test_send.py",),
    ),
    Mutation(
        "a caller who gets unknown counts as answered",
        _TRANSACTIONS,
        "if is_open and (settlement.caller_gone or after == _UNKNOWN):",
        "if is_open and settlement.caller_gone:",
        ("contract:verification/test_unanswered.py",),
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
        "store/sql/shared/repeats.sql",
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
        "if self._waiting or self._must_flush:",
        "if self._waiting:",
        ("contract:tests/contract/store/test_sqlite.py",),
    ),
    Mutation(
        "a repeat does not wait for another process's word",
        _REPEATS,
        "if owner != claim.instance and (claim.wait_for_ids is None or send_id in claim.wait_for_ids):",
        "if False:",
        ("contract:tests/contract/store/test_repeats.py",),
    ),
    Mutation(
        "an answer counts as delivered to a caller who has left",
        "api/gate.py",
        "            connection.poll()",
        "            pass",
        ("contract:tests/contract/api/test_disconnects.py",),
    ),
    Mutation(
        "an answer that was swallowed counts as delivered",
        "http/fast.py",
        "if self.transport.is_closing() and",
        "if False and",
        ("contract:tests/unit/http/test_single_write.py",),
    ),
    Mutation(
        "a trailer counts as a header",
        _PROTOCOL,
        "if not self._in_head:\n            return\n        name",
        "name",
        ("contract:tests/unit/http/test_framing.py",),
    ),
    Mutation(
        "framing has no limit",
        _PROTOCOL,
        "if self._framing_bytes > MAX_FRAMING_BYTES:",
        "if False:",
        ("contract:tests/unit/http/test_framing.py",),
    ),
    Mutation(
        "a request may have any number of headers",
        _PROTOCOL,
        "if len(self.headers) > MAX_HEADERS:",
        "if False:",
        ("contract:tests/unit/http/test_framing.py",),
    ),
    Mutation(
        "a request of HTTP/1.1 needs no host",
        _PROTOCOL,
        'if self._host_count != 1 and (self._host_count or version == "1.1"):',
        "if False:",
        ("contract:tests/unit/http/test_framing.py",),
    ),
    Mutation(
        "an offer of another protocol costs the body",
        _PROTOCOL,
        "        self._ignore_upgrade(memoryview(data)[head_end:])",
        "        self._in_head = bool(head_end)",
        ("contract:tests/unit/http/test_framing.py",),
    ),
    Mutation(
        "any number of requests is queued",
        _PROTOCOL,
        "if len(self.pipeline) >= MAX_QUEUED_REQUESTS:",
        "if False:",
        ("contract:tests/unit/http/test_connections.py",),
    ),
    Mutation(
        "any number of bytes is queued",
        _PROTOCOL,
        "if self._queued_bytes > MAX_QUEUED_BYTES:",
        "if False:",
        ("contract:tests/unit/http/test_connections.py",),
    ),
    Mutation(
        "a connection is not read while its requests wait",
        _PROTOCOL,
        "if not self.pipeline and len(self.cycle.body) > HIGH_WATER_LIMIT:",
        "if len(self.cycle.body) > HIGH_WATER_LIMIT:",
        ("contract:tests/unit/http/test_connections.py",),
    ),
    Mutation(
        "a refusal overtakes the answer to an earlier request",
        _PROTOCOL,
        "            if self.cycle is None:\n                self._write_rejection(rejection)",
        "            self._write_rejection(rejection)",
        ("contract:tests/unit/http/test_connections.py",),
    ),
    Mutation(
        "a request whose framing breaks is carried out",
        _PROTOCOL,
        "            cycle.disconnected = True\n",
        "",
        ("contract:tests/unit/http/test_framing.py",),
    ),
    Mutation(
        "an answer may stay unread for ever",
        _PROTOCOL,
        "return now < self._write_until",
        "return True",
        ("contract:tests/unit/http/test_connections.py",),
    ),
    Mutation(
        "an idle connection is never displaced",
        "http/connections.py",
        "if len(self._members) > self._size:",
        "if False:",
        ("contract:tests/unit/http/test_connections.py",),
    ),
    Mutation(
        "a body in one part has any length",
        "http/request.py",
        "if more or len(body) > max_bytes:",
        "if more:",
        ("contract:tests/contract/api/test_bad_input.py",),
    ),
    Mutation(
        "a dead process is taken for a living one",
        "store/sqlite/liveness.py",
        "path.unlink(missing_ok=True)  # under its lock, so that nobody can have begun to use it\n"
        "            return False",
        "return True",
        ("contract:tests/contract/store/test_processes.py",),
    ),
    Mutation(
        "the row is settled before LinkedIn is asked",
        _SEND,
        "            session = await self._read_session(reserved)\n",
        "            early = Settlement(claim.send_id, NotSent('early'), self._clock())\n"
        "            await self._settler.settle(claim, caller, early)\n"
        "            session = await self._read_session(reserved)\n",
        ("orders",),
    ),
    Mutation(
        "a repeat does not search LinkedIn",
        "sending/join.py",
        "        if send.outcome is OutcomeName.UNKNOWN:\n",
        "        if send.outcome is None:\n",
        ("faults",),
    ),
    Mutation(
        "a send ends with its caller",
        _SEND,
        "await self._background.finish(self._send(request, caller))",
        "await self._send(request, caller)",
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
        "        if caller.is_gone:\n            # While",
        "        if caller.is_gone is None:\n            # While",
        ("orders",),
    ),
    Mutation(
        "one search without the message is enough",
        "sending/reconcile.py",
        "case Absent() if send.absent_at is not None and asked_at - send.absent_at >= self._gap:",
        "case Absent() if send.outcome:",
        ("faults",),
    ),
    Mutation(
        "two searches at once are enough",
        "sending/reconcile.py",
        " and asked_at - send.absent_at >= self._gap:",
        ":",
        ("faults",),
    ),
    Mutation(
        "a broken connection counts as not sent",
        "linkedin/http/request.py",
        "return read_answer(raw, session.cookies) if isinstance(raw, RawAnswer) else raw",
        "return read_answer(raw, session.cookies) if isinstance(raw, RawAnswer) else NotSent(raw.why)",
        ("faults",),
    ),
    Mutation(
        "an account may use every connection",
        "linkedin/http/fair_semaphore.py",
        "self._reserve = slots // 2",
        "self._reserve = 0",
        ("contract:tests/unit/linkedin/test_fair_semaphore.py",),
    ),
    Mutation(
        "an account that holds its share goes before the others",
        "linkedin/http/fair_semaphore.py",
        "self._held.get(owner, 0) < self._share",
        "self._held.get(owner, 0) is not None",
        ("contract:tests/unit/linkedin/test_fair_semaphore.py",),
    ),
    Mutation(
        "a crowd of one account is served before the others",
        "linkedin/http/fair_semaphore.py",
        "self._waiting.move_to_end(owner)",
        "self._waiting.move_to_end(owner, last=False)",
        ("contract:tests/unit/linkedin/test_fair_semaphore.py",),
    ),
    Mutation(
        "all accounts count as one",
        "linkedin/http/request.py",
        "owner = session.account_id or id(session)",
        'owner = "all"',
        ("contract:tests/contract/linkedin/test_fairness.py",),
    ),
    Mutation(
        "an iteration of the event loop passes between the check of a connection and its use",
        "linkedin/http/request.py",
        "        was_used = connection.was_used\n",
        "        was_used = connection.was_used\n        await asyncio.sleep(0)\n",
        ("contract:tests/contract/linkedin/test_not_sent.py",),
    ),
    Mutation(
        "a Retry-After that is unreadable raises",
        "linkedin/answers.py",
        "        except ValueError:\n            continue\n",
        "        except ZeroDivisionError:\n            continue\n",
        ("contract:tests/unit/linkedin/test_answers_fuzzed.py",),
    ),
    Mutation(
        "a second recipient's 400 is that recipient's fault",
        "linkedin/bad_requests.py",
        "if self._recipient_urn not in (None, recipient_urn):",
        "if False:",
        ("contract:tests/contract/linkedin/test_bad_requests.py",),
    ),
    Mutation(
        "a 5xx counts as not sent",
        "linkedin/answers.py",
        "def _classify_unclear(answer: Answer, _: str) -> Outcome:\n    return Unknown(_failed(answer))",
        "def _classify_unclear(answer: Answer, _: str) -> Outcome:\n    return NotSent(_failed(answer))",
        ("faults",),
    ),
    Mutation(
        "a throttled account is not held",
        "domain/reservation.py",
        "return self.outcome.until(self.now) if isinstance(self.outcome, Throttled) else None",
        "return None",
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
        "identical earlier sends are not searched (PostgreSQL)",
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
        ("contract:verification/test_key_race.py",),
        "postgresql",
    ),
    Mutation(
        "a caller who gets unknown counts as answered (PostgreSQL)",
        _POSTGRESQL,
        "(p_caller_gone OR p_outcome = 'unknown')",
        "p_caller_gone",
        ("contract:verification/test_unanswered.py",),
        "postgresql",
    ),
    Mutation(
        "a dead process is taken for a living one (PostgreSQL)",
        "store/postgresql/engine.py",
        'rows = [(f"{row[0]:016x}",) for row in alive]',
        "rows = [(name,) for name in step.instances if alive is not None]",
        ("orders",),
        "postgresql",
    ),
    *(
        Mutation(name, file, old, new, _CAMPAIGNS)
        for name, file, old, new in (
            (
                "a campaign that is paused sends",
                _PEOPLE_SQL,
                "WHEN c.status <> 'running' OR p.status",
                "WHEN p.status",
            ),
            ("a person who is held is written to", _PEOPLE_SQL, " OR p.due_at > $6", " OR $6 < 0"),
            ("another text than the one checked is sent", _PEOPLE_SQL, "OR p.fingerprint <> $5", "OR $5 = ''"),
            ("a campaign writes to who opted out", _PEOPLE_SQL, "d.workspace_id = $2 AND d.recipient = $4", "1 = 0"),
            (
                "a campaign writes to who has replied",
                _PEOPLE_SQL,
                "= $2 AND o.status = 'replied'",
                "= $2 AND o.status = ''",
            ),
            (
                "a campaign writes to whom another account wrote",
                _PEOPLE_SQL,
                "s.recipient = $4 AND s.holds_unit = 1",
                "s.recipient = $4 AND s.account_id = $3 AND s.holds_unit = 1",
            ),
            ("a person does not move with the ledger", _TRANSACTIONS, "if row[-1] is not None:", "if row[-1] is ...:"),
            (
                "a person whose process died stays in flight",
                _REPEATS,
                "if row is not None and row[0] is not None:",
                "if row is None:",
            ),
            ("refusals in a row are not counted", _PEOPLE_SQL, "THEN campaigns.refused_in_row + 1", "THEN 0"),
            (
                "a lane is leased twice",
                "store/sql/shared/lanes.sql",
                "SET owner = $2, lease_until = $3,",
                "SET owner = $2, lease_until = NULL,",
            ),
        )
    ),
    *(
        Mutation(name, file, old, new, _AUDIENCES)
        for name, file, old, new in (
            ("two workers read the same page", _COLLECTIONS_SQL, "lease_until = $3, next_at = $3", "lease_until = $3"),
            (
                "a page is written without its lease",
                _COLLECTIONS_SQL,
                "WHERE id = $1 AND owner = $2 AND lease_until = $3 FOR",
                "WHERE id = $1 AND ($2 <> '' OR $3 > 0) FOR",
            ),
            ("an account reads two pages at once", _COLLECTIONS_SQL, "b.lease_until > $1 OR ", ""),
            ("more people are collected than were wanted", _COLLECTIONS_SQL, "AND place > $2", "AND place > $2 + 1"),
            (
                "an audience that a draft needs is deleted",
                "store/sql/shared/audiences.sql",
                "AND status IN ('draft', 'scheduled')",
                "AND status = 'scheduled'",
            ),
        )
    ),
    Mutation(
        "a campaign starts while its audience is being collected",
        "campaigns/audiences.py",
        "            raise AudienceNotReady(audience)",
        "            pass",
        ("contract:tests/contract/api/test_v1_audiences.py",),
    ),
]
