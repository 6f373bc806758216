"""The answers about audiences and campaigns by operation and name; the captions are in the data."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from confrere.api.reference.shared_examples import (
    ACCOUNT_ID,
    AUDIENCE_ID,
    BAD_CURSOR,
    CAMPAIGN,
    CONTENT_HASH,
    DRAFT_ID,
    GROUP,
    KEY_ID,
    MIDNIGHT,
    NO_SUCH_ACCOUNT,
    NO_SUCH_AUDIENCE,
    NO_SUCH_CAMPAIGN,
    NOW,
    OPTED_OUT,
    PAUSED_ID,
    RECIPIENT,
    RUNNING_ID,
    TEXT,
    Examples,
)
from confrere.api.v1.audience_bodies import (
    AudienceMemberPage,
    AudiencePage,
    AudiencePeopleAdded,
    audience_body,
    audience_member,
    dry_run_body,
)
from confrere.api.v1.audience_source import CSV, PEOPLE, SOURCE_FORM
from confrere.api.v1.audiences import MAX_AUDIENCE_BYTES
from confrere.api.v1.campaign_bodies import (
    CampaignBody,
    CampaignPage,
    CampaignTextPage,
    campaign_body,
    campaign_text,
    check_body,
)
from confrere.api.v1.campaigns import AUDIENCE_FORM, HASH_FORM
from confrere.api.v1.do_not_contact import MAX_PEOPLE
from confrere.api.v1.errors import INVALID_FIELD, INVALID_ROWS, Fault, ManyFaults
from confrere.campaigns import AudienceContent, AudienceState, CampaignState
from confrere.campaigns.audiences import NAME_FORM
from confrere.campaigns.control import EDITED, TEMPLATE_FORM
from confrere.domain import remedies
from confrere.domain.campaigns.audience import (
    Audience,
    AudienceInUse,
    AudienceNotReady,
    AudiencePerson,
    AudienceStatus,
)
from confrere.domain.campaigns.campaign import (
    CampaignCounts,
    CampaignStatus,
    ContentChanged,
    PauseCause,
    PersonText,
    SkipReason,
    WaitReason,
    WrongStatus,
)
from confrere.domain.campaigns.check import ODD_NAMES, CampaignCheck, CheckWarning, OddName, WarningName
from confrere.domain.campaigns.collection import Collection, GroupFilters
from confrere.domain.campaigns.forecast import DayCount, Forecast
from confrere.domain.campaigns.name_check import NameFault, NameWarning
from confrere.domain.campaigns.templates import UnknownVariable, UnknownVariables
from confrere.domain.errors import InvalidField
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.message import MessageText
from confrere.domain.opt_out_csv import BadRow
from confrere.domain.person import PERSON_FORM, Person
from confrere.domain.urns import PROFILE_FORM, GroupId, ProfileUrn
from confrere.domain.why_not import WhyNot
from confrere.http.answer import Answer
from confrere.http.request import BodyTooLarge

_FROM_IDS = Audience(AUDIENCE_ID, "default", "Buyers in Lyon", GroupId(GROUP), "ids", NOW, 2, group_name="Logistics")
_FROM_TABLE = replace(
    _FROM_IDS, source="csv", columns=("company",), bad_rows=(BadRow(3, f"person {PERSON_FORM}"),), bad_row_count=1
)
_FROM_GROUP = replace(
    _FROM_IDS,
    source="group",
    status=AudienceStatus.COLLECTING,
    count=93,
    collection=Collection(ACCOUNT_ID, GroupFilters(headline_contains="buyer"), places_read=1000, total=2400),
)
_AUDIENCE = audience_body(AudienceState(_FROM_IDS))
_COLLECTING = audience_body(
    AudienceState(_FROM_GROUP, WhyNot(WaitReason.DAY_USED_UP, MIDNIGHT, remedies.WAIT), MIDNIGHT + timedelta(days=1))
)
_LOCATION = ((b"location", f"/v1/audiences/{AUDIENCE_ID}".encode()),)
_PERSON = Person(ProfileUrn(RECIPIENT), "bastien-exemple", "Bastien", "Exemple", "Head of Procurement")
_MEMBER = AudiencePerson(_PERSON, {"company": "Example Co"})
_TABLE = AudienceContent([_MEMBER], {"person": "url"}, ("company",), _FROM_TABLE.bad_rows, 1)
_WAIT = WhyNot(WaitReason.CAMPAIGN_PAUSED, None, remedies.RESUME_CAMPAIGN)
_DRAFT_STATE = CampaignState(
    CAMPAIGN, CampaignCounts(), WhyNot(WaitReason.CAMPAIGN_PAUSED, None, remedies.START_CAMPAIGN)
)
_DRAFT = campaign_body(_DRAFT_STATE)
_UNKNOWN = UnknownVariables("text", (UnknownVariable("frstName", "firstName"),))
_ONE_DAY = Forecast(NOW.date(), (DayCount(NOW.date(), 1),))
_NAMED = AudiencePerson(Person(ProfileUrn(RECIPIENT), first_name="EXEMPLE, Bastien"))
_TEXTS = (
    PersonText(_NAMED, MessageText(TEXT)),
    PersonText(AudiencePerson.of(ProfileUrn(OPTED_OUT)), skip=SkipReason.DO_NOT_CONTACT),
)
_ODD = OddName(_NAMED.recipient, _NAMED.name, NameWarning((NameFault.LAST_FIRST,), "Bastien", "Exemple"))
_CHECK = CampaignCheck(
    1,
    {SkipReason.DO_NOT_CONTACT: 1},
    _TEXTS[0],
    _TEXTS[0],
    (CheckWarning(WarningName.ODD_NAMES, ODD_NAMES, 1, (_ODD,)),),
    _ONE_DAY,
    CONTENT_HASH,
)


def _started(
    status: CampaignStatus, counts: CampaignCounts, why_not: WhyNot | None = None, *, id_: str = RUNNING_ID
) -> CampaignBody:
    campaign = replace(
        CAMPAIGN,
        id=id_,
        status=status,
        cause=PauseCause.PERSON if status is CampaignStatus.PAUSED else None,
        started_at=NOW,
        ended_at=NOW if status is CampaignStatus.STOPPED else None,
        started_by=KEY_ID,
    )
    forecast = _ONE_DAY if status is CampaignStatus.RUNNING else None
    return campaign_body(CampaignState(campaign, counts, why_not, forecast))


_HALF = CampaignCounts(waiting=1, sent=1)
_PAUSED = _started(CampaignStatus.PAUSED, _HALF, _WAIT)


EXAMPLES: Mapping[str, Examples] = {
    "listAudiences": {"page": AudiencePage(items=[_AUDIENCE], next_cursor=None), "cursor": BAD_CURSOR},
    "createAudience": {
        "created": Answer(201, _AUDIENCE, headers=_LOCATION),
        "imported": Answer(201, audience_body(AudienceState(_FROM_TABLE)), headers=_LOCATION),
        "collecting": Answer(201, _COLLECTING, headers=_LOCATION),
        "dryRun": dry_run_body(_TABLE),
        "name": InvalidField("name", NAME_FORM),
        "source": InvalidField("source", SOURCE_FORM),
        "nobody": InvalidField(PEOPLE, f"must be a list of 1 to {MAX_PEOPLE:,} URNs"),
        "noColumn": InvalidField(
            CSV,
            "has no column that names people, such as recipientProfileUrn, profileUrn, profileUrl; name it in mapping: "
            "{person: <column>}",
        ),
        "badRows": ManyFaults(
            INVALID_ROWS,
            "All of the 1 rows are bad, so nothing was written",
            [Fault(line=2, detail=f"person {PERSON_FORM}")],
        ),
        "bodyTooLarge": BodyTooLarge(MAX_AUDIENCE_BYTES),
        "unknownAccount": NO_SUCH_ACCOUNT,
        "oneOfMany": ManyFaults(
            INVALID_FIELD,
            "1 of 2 recipients cannot be used, so none was taken",
            [Fault(field=f"{PEOPLE}[1]", detail=f"{PEOPLE}[1] {PROFILE_FORM}")],
        ),
    },
    "readAudience": {"audience": _AUDIENCE, "collecting": _COLLECTING, "unknownAudience": NO_SUCH_AUDIENCE},
    "deleteAudience": {
        "deleted": Answer(204, None),
        "inUse": AudienceInUse("Spring", CampaignStatus.DRAFT),
        "unknownAudience": NO_SUCH_AUDIENCE,
    },
    "addAudiencePeople": {
        "added": AudiencePeopleAdded(added=1, already_in=0),
        "nobody": InvalidField("recipientProfileUrns", f"must be a list of 1 to {MAX_PEOPLE:,} URNs"),
        "unknownAudience": NO_SUCH_AUDIENCE,
    },
    "listAudiencePeople": {
        "page": AudienceMemberPage(items=[audience_member(_MEMBER)], next_cursor=None),
        "cursor": BAD_CURSOR,
        "unknownAudience": NO_SUCH_AUDIENCE,
    },
    "listCampaigns": {
        "page": CampaignPage(items=[_PAUSED, _DRAFT], next_cursor=None),
        "status": InvalidField("status", f"must be one of {', '.join(CampaignStatus)}"),
    },
    "createCampaign": {
        "created": Answer(201, _DRAFT, headers=((b"location", f"/v1/campaigns/{DRAFT_ID}".encode()),)),
        "audienceId": InvalidField("audienceId", AUDIENCE_FORM),
        "text": InvalidField("text", "must be given, or templateId"),
        "templateId": InvalidField("templateId", TEMPLATE_FORM),
        "unknownVariable": _UNKNOWN,
        "dailyCap": InvalidField("dailyCap", f"must be a whole number from 1 to {MESSAGES_PER_DAY_CEILING}"),
        "startsAt": InvalidField("startsAt", "must lie in the future"),
        "unknownAccount": NO_SUCH_ACCOUNT,
    },
    "readCampaign": {"campaign": _DRAFT, "paused": _PAUSED, "unknownCampaign": NO_SUCH_CAMPAIGN},
    "changeCampaign": {
        "changed": campaign_body(replace(_DRAFT_STATE, campaign=replace(CAMPAIGN, daily_cap=40, revision=2))),
        "dailyCap": InvalidField("dailyCap", f"must be a whole number from 1 to {MESSAGES_PER_DAY_CEILING}"),
        "unknownVariable": _UNKNOWN,
        "contentChanged": ContentChanged(EDITED),
        "wrongStatus": WrongStatus("changed", CampaignStatus.RUNNING),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "listCampaignTexts": {
        "page": CampaignTextPage(items=[campaign_text(one) for one in _TEXTS], next_cursor=None),
        "cursor": BAD_CURSOR,
        "wrongStatus": WrongStatus("checked", CampaignStatus.RUNNING),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "checkCampaign": {
        "audienceNotReady": AudienceNotReady(_FROM_GROUP),
        "checked": check_body(_CHECK),
        "unknownVariable": UnknownVariables("templateId", (UnknownVariable("custom.town", "custom.city"),)),
        "wrongStatus": WrongStatus("checked", CampaignStatus.RUNNING),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "startCampaign": {
        "started": _started(CampaignStatus.RUNNING, CampaignCounts(waiting=2), id_=DRAFT_ID),
        "contentHash": InvalidField("contentHash", HASH_FORM),
        "contentChanged": ContentChanged(),
        "audienceNotReady": AudienceNotReady(_FROM_GROUP),
        "wrongStatus": WrongStatus("started", CampaignStatus.RUNNING),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "pauseCampaign": {
        "campaign": _PAUSED,
        "wrongStatus": WrongStatus("paused", CampaignStatus.DRAFT),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "resumeCampaign": {
        "campaign": _started(CampaignStatus.RUNNING, _HALF, id_=PAUSED_ID),
        "wrongStatus": WrongStatus("resumed", CampaignStatus.STOPPED),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "stopCampaign": {
        "campaign": _started(CampaignStatus.STOPPED, CampaignCounts(sent=1, skipped=1)),
        "wrongStatus": WrongStatus("stopped", CampaignStatus.FINISHED),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "archiveCampaign": {
        "campaign": campaign_body(
            CampaignState(replace(CAMPAIGN, status=CampaignStatus.ARCHIVED), CampaignCounts(), None)
        ),
        "wrongStatus": WrongStatus("archived", CampaignStatus.RUNNING),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
}
