"""Which sends of the ledger a query asks for."""

from confrere.domain.errors import InvalidField
from confrere.domain.outcome import OutcomeName
from confrere.domain.send import SendFilter
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.http.query_params import QueryParams


def read_filter(query: QueryParams) -> SendFilter:
    """Read outcome, group, recipient and times. Raises InvalidField."""
    return SendFilter(
        outcome=_outcome(query.text("outcome")),
        group_id=_group(query.text("groupId")),
        recipient=_recipient(query.text("recipient") or query.text("recipientProfileUrn")),
        since=query.time("since"),
        until=query.time("until"),
    )


def _outcome(text: str | None) -> OutcomeName | None:
    if text is None:
        return None
    if text not in set(OutcomeName):
        raise InvalidField("outcome", f"must be one of {', '.join(OutcomeName)}")
    return OutcomeName(text)


def _group(text: str | None) -> str | None:
    return None if text is None else str(GroupId.parse(text))


def _recipient(text: str | None) -> str | None:
    return None if text is None else str(ProfileUrn.parse(text, field="recipient"))
