from itertools import product

import pytest

from confrere.domain.campaigns.campaign import CAMPAIGN_MOVES, OPEN_PERSON, PERSON_MOVES, CampaignStatus, PersonStatus

_ORDER = [
    {PersonStatus.WAITING},
    {PersonStatus.IN_FLIGHT},
    {PersonStatus.UNKNOWN},
    {PersonStatus.SKIPPED},
    {PersonStatus.REFUSED, PersonStatus.SENT},
    {PersonStatus.REPLIED},
]
_STEP = {status: number for number, statuses in enumerate(_ORDER) for status in statuses}


@pytest.mark.parametrize(("before", "after"), list(product(PersonStatus, repeat=2)))
def test_a_person_never_goes_backwards(before: PersonStatus, after: PersonStatus) -> None:
    """Only in flight and unknown go back, and only to waiting; every other move is a step forward."""
    goes_back = before in {PersonStatus.IN_FLIGHT, PersonStatus.UNKNOWN} and after is PersonStatus.WAITING
    if after in PERSON_MOVES[before]:
        assert goes_back or _STEP[after] > _STEP[before]
    else:
        assert not goes_back


def test_nobody_who_has_come_to_an_end_is_written_to_again() -> None:
    """No status that ends a person's part in the campaign leads back to one in which a message may follow."""
    for status in set(PersonStatus) - OPEN_PERSON:
        assert not PERSON_MOVES[status] & OPEN_PERSON


@pytest.mark.parametrize(("before", "after"), list(product(CampaignStatus, repeat=2)))
def test_a_campaign_that_was_stopped_or_archived_never_sends_again(
    before: CampaignStatus, after: CampaignStatus
) -> None:
    """From stopped only archived follows, from archived nothing, and to draft nothing leads."""
    if after in CAMPAIGN_MOVES[before]:
        assert after is not CampaignStatus.DRAFT
        assert before is not CampaignStatus.ARCHIVED
        assert before is not CampaignStatus.STOPPED or after is CampaignStatus.ARCHIVED
