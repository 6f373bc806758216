from confrere.console import words
from confrere.console.words import CONDITION_WORDS, OUTCOME_WORDS, REASON_WORDS
from confrere.domain.account import Condition
from confrere.domain.campaigns.audience import AudienceStatus
from confrere.domain.campaigns.campaign import CampaignStatus, PauseCause, PersonStatus, SkipReason, WaitReason
from confrere.domain.campaigns.check import WarningName
from confrere.domain.outcome import OutcomeName


def test_pages_have_words_for_everything() -> None:
    """Pages have words for every condition of an account, every outcome and every reason to wait."""
    assert set(CONDITION_WORDS) == set(Condition)
    assert set(OUTCOME_WORDS) == set(OutcomeName)
    assert set(REASON_WORDS) == set(WaitReason)
    assert set(words.CAMPAIGN_WORDS) == set(CampaignStatus)
    assert set(words.CAUSE_WORDS) == set(PauseCause)
    assert set(words.PERSON_WORDS) == set(PersonStatus)
    assert set(words.SKIP_WORDS) == set(SkipReason)
    assert set(words.WARNING_WORDS) == set(WarningName)
    assert set(words.AUDIENCE_WORDS) == set(AudienceStatus)
