"""The answers about the people of campaigns by operation and name; the captions are in the data."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from confrere.api.reference.shared_examples import (
    ACCOUNT_ID,
    BAD_CURSOR,
    CAMPAIGN,
    KEY_ID,
    NO_SUCH_ACCOUNT,
    NO_SUCH_CAMPAIGN,
    NOW,
    OPTED_OUT,
    RECIPIENT,
    RESERVED,
    RUNNING_ID,
    SEND,
    SEND_ID,
    Examples,
)
from confrere.api.v1.campaign_people import (
    CAMPAIGN_FORM,
    COLUMNS,
    FORMATS,
    WHO_FORM,
    people_lines,
    people_table,
)
from confrere.api.v1.campaign_people_bodies import (
    CampaignMemberPage,
    PersonHeld,
    added_body,
    campaign_member,
    member_history,
    person_body,
    why_not_answer,
)
from confrere.api.v1.campaigns import AUDIENCE_FORM
from confrere.api.v1.paging import CSV, JSON_LINES
from confrere.campaigns import PeopleAdded, PersonHistory, PersonOverview
from confrere.campaigns.people import REASON_FORM
from confrere.domain import remedies
from confrere.domain.campaigns.campaign import (
    CampaignPerson,
    CampaignStatus,
    PersonStatus,
    SkipReason,
    WaitReason,
    WrongStatus,
)
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.limits import iso_z
from confrere.domain.urns import PROFILE_FORM, ProfileUrn
from confrere.domain.why_not import WhyNot
from confrere.http.answer import Answer

_HELD_UNTIL = datetime(2099, 1, 31, 9, tzinfo=UTC)
_CAMPAIGN = replace(CAMPAIGN, id=RUNNING_ID, status=CampaignStatus.RUNNING, started_by=KEY_ID, started_at=NOW)
_SENT = CampaignPerson(
    id=f"{RUNNING_ID}00000001",
    campaign_id=RUNNING_ID,
    workspace_id="default",
    recipient=ProfileUrn(RECIPIENT),
    name="",
    status=PersonStatus.SENT,
    reason=None,
    is_held=False,
    due_at=None,
    send_id=SEND_ID,
    changed_at=NOW,
    sent_by=ACCOUNT_ID,
    sent_at=RESERVED,
)
_SKIPPED = replace(
    _SENT,
    recipient=ProfileUrn(OPTED_OUT),
    status=PersonStatus.SKIPPED,
    reason=SkipReason.DO_NOT_CONTACT,
    send_id=None,
    sent_by=None,
    sent_at=None,
)
_WAITING = replace(_SKIPPED, status=PersonStatus.WAITING, reason=None)
_SPREAD = WhyNot(WaitReason.SPREAD, NOW + timedelta(minutes=8), remedies.WAIT_FOR_SPREAD)
_PEOPLE = [(_SENT, None), (_SKIPPED, None)]
_NOT_IN_CAMPAIGN = NotFound("This person is not in the campaign")
_RECIPIENT_FORM = InvalidField("recipient", PROFILE_FORM)


def _file(content: bytes, media_type: str) -> Answer:
    return Answer(200, content.decode(), headers=((b"content-disposition", b""),), media_type=media_type)


EXAMPLES: Mapping[str, Examples] = {
    "listCampaignPeople": {
        "page": CampaignMemberPage(items=[campaign_member(*one) for one in _PEOPLE], next_cursor=None),
        "waiting": CampaignMemberPage(items=[campaign_member(_WAITING, _SPREAD)], next_cursor=None),
        "status": InvalidField("status", f"must be one of {', '.join(PersonStatus)}"),
        "reason": InvalidField("reason", REASON_FORM),
        "cursor": BAD_CURSOR,
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "addCampaignPeople": {
        "added": added_body(PeopleAdded(1, [ProfileUrn(RECIPIENT)])),
        "nobody": InvalidField("recipientProfileUrns", WHO_FORM),
        "audienceId": InvalidField("audienceId", AUDIENCE_FORM),
        "wrongStatus": WrongStatus("given more people", CampaignStatus.STOPPED),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "exportCampaignPeople": {
        "csv": _file(write_rows([COLUMNS]) + people_table(_PEOPLE), CSV),
        "jsonl": _file(people_lines(_PEOPLE), JSON_LINES),
        "format": InvalidField("format", f"must be {' or '.join(FORMATS)}"),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "readCampaignPerson": {
        "person": member_history(PersonHistory(_CAMPAIGN, _SENT, None, [SEND])),
        "recipientForm": _RECIPIENT_FORM,
        "notInCampaign": _NOT_IN_CAMPAIGN,
    },
    "holdPerson": {
        "held": PersonHeld(recipient_profile_urn=RECIPIENT, held_until=iso_z(_HELD_UNTIL), campaigns=1),
        "until": InvalidField("until", "must be in the future"),
        "notInCampaign": _NOT_IN_CAMPAIGN,
    },
    "releasePerson": {
        "released": PersonHeld(recipient_profile_urn=RECIPIENT, held_until=None, campaigns=1),
        "recipientForm": _RECIPIENT_FORM,
        "notInCampaign": _NOT_IN_CAMPAIGN,
    },
    "readPerson": {
        "person": person_body(PersonOverview(ProfileUrn(RECIPIENT), [(_CAMPAIGN, _SENT, None)], [SEND], None, None)),
        "unknown": person_body(PersonOverview(ProfileUrn(OPTED_OUT), [], [], None, None)),
        "recipientForm": _RECIPIENT_FORM,
    },
    "readWhyNotYet": {
        "waits": why_not_answer(_SPREAD),
        "nothing": why_not_answer(None),
        "campaignId": InvalidField("campaignId", CAMPAIGN_FORM),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
        "unknownAccount": NO_SUCH_ACCOUNT,
    },
}
