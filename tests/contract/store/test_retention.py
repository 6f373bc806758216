"""Old personal data goes in small steps; what prevents second messages stays."""

import json
from datetime import timedelta
from functools import partial

from confrere.domain.campaigns.audience import Audience
from confrere.domain.ids import new_send_id
from confrere.domain.person import Person, VanityName
from confrere.domain.retention import Kept, RetentionRules
from confrere.domain.urns import GroupId
from confrere.sending.retention import Retention
from confrere.store.script import run_query
from tests.contract.store.campaigns import somebody, urn
from tests.contract.store.replies import reply_to
from tests.contract.store.scene import ACCEPTED, TEXT, Scene

MONTH = RetentionRules(texts_days=30, replies_days=30, unwritten_days=30)


async def drop_all(scene: Scene, rules: RetentionRules = MONTH) -> int:
    """Run a worker until it has nothing left to do; return its steps."""
    retention, steps = Retention(store=scene.store, clock=lambda: scene.now, rules=rules), 1
    while await retention.run_step():
        steps += 1
    return steps


async def write(scene: Scene) -> str:
    """Write to one of two people in every table; return the send's id."""
    people, store = [somebody(1), somebody(2)], scene.store
    sent = await scene.send(ACCEPTED, recipient=urn(1))
    await scene.answer(sent)
    await store.record_reply(reply_to(scene, sent.send_id, 1), scene.now)
    await store.add_audience(Audience(new_send_id(), "default", "A", GroupId("42"), "ids", scene.now, 0), people)
    assert scene.account is not None
    rows = json.dumps([[str(urn(number)), None, "Person", str(number), None, None, ""] for number in (1, 2)])
    values = ("default", "42", 1_000_000, rows, scene.account.id)
    await store.engine.transact(partial(run_query, "add_group_members", values))
    for number in (1, 2):
        await store.add_resolved_person("default", VanityName(f"person-{number}"), Person(urn(number)), scene.now)
    return sent.send_id


async def left(scene: Scene) -> dict[str, int]:
    """Count the rows of people."""
    store = scene.store
    [audience] = await store.list_audiences("default", before_id=None, count=2)
    members = await store.list_group_members("default", GroupId("42"), after=None, count=10)
    resolved = await store.list_resolved_people("default", scene.now - timedelta(days=9_999))
    assert audience.count == len(await store.list_audience_people("default", audience.id, after_place=0, count=10))
    return {"audience": audience.count, "members": len(members), "resolved": len(resolved)}


async def test_what_is_young_stays(scene: Scene) -> None:
    """Nothing goes before its time, nor at all where no rule is set."""
    send_id = await write(scene)
    await drop_all(scene, RetentionRules(texts_days=30, replies_days=30))
    scene.later(days=3000)
    assert await drop_all(scene, RetentionRules()) == 1
    assert await scene.store.read_text("default", send_id) == TEXT
    assert await left(scene) == {"audience": 2, "members": 2, "resolved": 2}


async def test_what_is_old_goes_and_the_row_stays(scene: Scene) -> None:
    """Texts, replies' texts and names, and people never written to go; outcome, unit, reply and contact stay."""
    send_id = await write(scene)
    before = await scene.store.read_send("default", send_id)
    scene.later(days=31)
    await drop_all(scene)
    assert await scene.store.read_text("default", send_id) == ""
    assert await scene.store.read_send("default", send_id) == before
    known = await scene.store.find_last_reply(before.account_id, urn(1))
    assert known is not None
    assert await left(scene) == {"audience": 1, "members": 1, "resolved": 1}


async def test_a_message_that_may_be_repeated_keeps_its_text(scene: Scene) -> None:
    """In flight, or without an answer: its row is not settled for good."""
    claim = await scene.reserve(recipient=urn(1))
    scene.later(days=31)
    await drop_all(scene)
    assert await scene.store.read_text("default", claim.send_id) == TEXT


async def test_steps_are_small(scene: Scene) -> None:
    """A step looks at as many rows as it is told, and the next goes on behind them."""
    people = [somebody(number) for number in range(25)]
    audience = Audience(new_send_id(), "default", "A", GroupId("42"), "ids", scene.now, 0)
    await scene.store.add_audience(audience, people)
    scene.later(days=31)
    place, counts = "audience_people", []
    while place is not None:
        found = await scene.store.drop_old(Kept.UNWRITTEN, scene.now - timedelta(days=30), place, count=10)
        counts.append((await scene.store.read_audience("default", audience.id)).count)
        place = found  # type: ignore[assignment]
    assert counts == [15, 5, 0]
