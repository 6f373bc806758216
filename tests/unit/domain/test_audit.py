"""Who acts at present, and what entries of the audit log say."""

import asyncio

import pytest

from confrere.domain.audit import (
    COMMAND_LINE,
    SERVER,
    Actor,
    ActorKind,
    AuditAction,
    AuditSubject,
    acting_as,
    count_of_people,
    current_actor,
    describe_changes,
    parse_action,
    parse_actor,
    parse_subject,
)
from confrere.domain.errors import InvalidField
from confrere.domain.urns import ProfileUrn

KEY = Actor(ActorKind.KEY, "0123456789abcdef01234567", "192.0.2.1", "request-1")


async def test_each_task_has_its_own_actor() -> None:
    """Two requests at once do not see each other's actor; without one the server acts, also after an error."""

    async def act(actor: Actor) -> Actor:
        with acting_as(actor):
            await asyncio.sleep(0)
            return current_actor()

    assert [*await asyncio.gather(act(KEY), act(COMMAND_LINE), act(KEY))] == [KEY, COMMAND_LINE, KEY]
    with pytest.raises(ZeroDivisionError), acting_as(KEY):
        raise ZeroDivisionError
    assert current_actor() == SERVER


def test_an_actor_is_built_when_it_is_needed() -> None:
    """A function in place of the actor is called by whoever asks, and the inner one hides the outer."""
    built: list[Actor] = []

    def build() -> Actor:
        built.append(KEY)
        return KEY

    with acting_as(build):
        assert built == []
        assert current_actor() == KEY
        with acting_as(COMMAND_LINE):
            assert current_actor() == COMMAND_LINE
    assert built == [KEY]


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({}, {}, ""),
        ({"a": 1}, {"a": 1}, ""),
        ({"a": 1}, {"a": 2, "b": "x"}, "a 2 (was 1), b x (was none)"),
        ({"a": {"open": [1, 2]}}, {}, 'a none (was {"open":[1,2]})'),
    ],
)
def test_a_change_says_what_was_before(before: dict[str, object], after: dict[str, object], text: str) -> None:
    """What is the same is left out."""
    assert describe_changes(before, after) == text


def test_people_are_counted_in_words() -> None:
    """One is one person."""
    assert [count_of_people(number) for number in (1, 2, 1_200)] == ["1 person", "2 people", "1,200 people"]


def test_filters_are_ids_and_names() -> None:
    """Ids stay as they are, a person's address becomes their URN, anything else is named with what it must be."""
    assert (parse_actor(KEY.id), parse_actor("agent"), parse_actor(None)) == (KEY.id, "agent", None)
    assert (parse_action("exported"), parse_action(None)) == (AuditAction.EXPORTED, None)
    assert (parse_subject("0" * 32), parse_subject("a" * 64)) == ("0" * 32, "a" * 64)
    person = parse_subject("https://www.linkedin.com/in/ACoAAnobodyelse/")
    assert (type(person), person) == (ProfileUrn, "urn:li:fsd_profile:ACoAAnobodyelse")
    for parse, field in ((parse_actor, "--by"), (parse_action, "--did"), (parse_subject, "--about")):
        with pytest.raises(InvalidField, match=f"{field} must be"):
            parse("Odile", field)


def test_each_action_has_a_subject() -> None:
    """What is done to whom follows from the action's name."""
    assert {action.subject for action in AuditAction} == set(AuditSubject)
    assert AuditAction.DO_NOT_CONTACT_REMOVED.subject is AuditSubject.PERSON
    assert AuditAction.PACING_CHANGED.subject is AuditSubject.ACCOUNT
    assert AuditAction.LOGIN_FAILED.subject is AuditSubject.USER
