from confrere.console.words import (
    CONDITION_WORDS,
    DELIVERY_WORDS,
    DISABLED_WORDS,
    EVENT_WORDS,
    OUTCOME_WORDS,
    REASON_WORDS,
)
from confrere.domain.account import Condition
from confrere.domain.campaigns.campaign import WaitReason
from confrere.domain.outcome import OutcomeName
from confrere.domain.webhooks import DeliveryStatus, DisabledReason, EventType


def test_pages_have_words_for_everything() -> None:
    """Pages have words for every condition of an account, every outcome and every reason to wait."""
    assert set(CONDITION_WORDS) == set(Condition)
    assert set(OUTCOME_WORDS) == set(OutcomeName)
    assert set(REASON_WORDS) == set(WaitReason)
    assert set(EVENT_WORDS) == set(EventType)
    assert set(DELIVERY_WORDS) == set(DeliveryStatus)
    assert set(DISABLED_WORDS) == set(DisabledReason)
