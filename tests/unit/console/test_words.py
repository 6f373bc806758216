from confrere.console.words import CONDITION_WORDS, OUTCOME_WORDS, REASON_WORDS, SCOPE_WORDS
from confrere.domain.account import Condition
from confrere.domain.campaigns.campaign import WaitReason
from confrere.domain.keys import Scope
from confrere.domain.outcome import OutcomeName


def test_pages_have_words_for_everything() -> None:
    """Pages have words for every condition of an account, every outcome, reason to wait and scope."""
    assert set(CONDITION_WORDS) == set(Condition)
    assert set(OUTCOME_WORDS) == set(OutcomeName)
    assert set(REASON_WORDS) == set(WaitReason)
    assert set(SCOPE_WORDS) == set(Scope)
