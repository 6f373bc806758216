from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from confrere.console import words
from confrere.console.templates import HUES, hue, initials, profile_id, split_reply, times_in_words
from confrere.domain.account import Condition
from confrere.domain.audit import ActorKind
from confrere.domain.campaigns.audience import AudienceStatus
from confrere.domain.campaigns.campaign import CampaignStatus, PauseCause, PersonStatus, SkipReason, WaitReason
from confrere.domain.campaigns.check import WarningName
from confrere.domain.group import Relationship
from confrere.domain.keys import Scope
from confrere.domain.outcome import OutcomeName
from confrere.domain.person import Person
from confrere.domain.preflight import CheckName
from confrere.domain.urns import ProfileUrn
from confrere.domain.webhooks import DeliveryStatus, DisabledReason, EventType

URN = ProfileUrn("urn:li:fsd_profile:ACoAAanna")


@pytest.mark.parametrize(
    ("has_words", "values"),
    [
        (words.CONDITION_WORDS, Condition),
        (words.OUTCOME_WORDS, OutcomeName),
        (words.REASON_WORDS, WaitReason),
        (words.RELATIONSHIP_WORDS, Relationship),
        (words.PERSON_WORDS, PersonStatus),
        (words.SKIP_WORDS, SkipReason),
        (words.CHECK_WORDS, CheckName),
        (words.SCOPE_WORDS, Scope),
        (words.CAMPAIGN_WORDS, CampaignStatus),
        (words.CAUSE_WORDS, PauseCause),
        (words.WARNING_WORDS, WarningName),
        (words.AUDIENCE_WORDS, AudienceStatus),
        (words.EVENT_WORDS, EventType),
        (words.DELIVERY_WORDS, DeliveryStatus),
        (words.DISABLED_WORDS, DisabledReason),
        (words.ACTOR_WORDS, ActorKind),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_pages_have_words_for_everything(has_words: Mapping[str, str], values: type[StrEnum]) -> None:
    """Pages have words for every value of an enumeration that they show."""
    assert set(has_words) == set(values)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [("Anna", "Berg", "AB"), ("émile", None, "É"), (None, None, "?"), (" ", "", "?"), ("李", "小龙", "李小")],
)
def test_a_face_has_initials(first: str | None, last: str | None, expected: str) -> None:
    """A face shows the first letters of the names that are known."""
    assert initials(Person(URN, None, first, last)) == expected


def test_a_person_has_one_colour() -> None:
    """The same person always has the same one of the colours."""
    assert hue(URN) == hue(str(URN)) < HUES
    assert profile_id(URN) == "ACoAAanna"


def test_times_are_written_as_everywhere() -> None:
    """An ISO time within a text of ours is written for people."""
    at = datetime(2026, 1, 31, 9, 0, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    assert times_in_words(f"it may go out at {at}") == "It may go out at 31\u00a0Jan\u00a02026, 09:00\u00a0UTC"


def test_a_reason_that_names_a_reply_is_shown_without_its_id() -> None:
    """The id becomes a link; any other reason stays as somebody wrote it."""
    reply_id = "0" * 32
    assert split_reply(f"Asked for no more messages: reply {reply_id}") == ("Asked for no more messages", reply_id)
    assert split_reply("By phone: reply later") == ("By phone: reply later", None)
