"""The answers about audiences and campaigns by operation and name; the captions are in the data."""

from collections.abc import Mapping
from dataclasses import replace

from confrere.api.reference.shared_examples import (
    ACCOUNT_ID,
    AUDIENCE_ID,
    BAD_CURSOR,
    CONTENT_HASH,
    DRAFT_ID,
    GROUP,
    KEY_ID,
    NO_SUCH_ACCOUNT,
    NO_SUCH_AUDIENCE,
    NO_SUCH_CAMPAIGN,
    NOW,
    OPTED_OUT,
    PAUSED_ID,
    RECIPIENT,
    RESERVED,
    RUNNING_ID,
    SEND_ID,
    TEXT,
    Examples,
)
from confrere.api.v1.audience_bodies import AudienceMemberPage, AudiencePage, audience_body, audience_member
from confrere.api.v1.audiences import PEOPLE, SOURCE_FORM
from confrere.api.v1.campaign_bodies import (
    CampaignBody,
    CampaignPage,
    CampaignTextPage,
    campaign_body,
    campaign_text,
    check_body,
)
from confrere.api.v1.campaign_people_bodies import CampaignMemberPage, campaign_member
from confrere.api.v1.campaigns import AUDIENCE_FORM, HASH_FORM
from confrere.api.v1.do_not_contact import MAX_PEOPLE
from confrere.api.v1.errors import INVALID_FIELD, Fault, ManyFaults
from confrere.campaigns import CampaignState
from confrere.campaigns.audiences import NAME_FORM
from confrere.campaigns.control import TEMPLATE_FORM
from confrere.domain import remedies
from confrere.domain.campaigns.audience import Audience, AudiencePerson
from confrere.domain.campaigns.campaign import (
    Campaign,
    CampaignCounts,
    CampaignPerson,
    CampaignStatus,
    ContentChanged,
    PauseCause,
    PersonStatus,
    PersonText,
    SkipReason,
    WaitReason,
    WrongStatus,
)
from confrere.domain.campaigns.check import ODD_NAMES, CampaignCheck, CheckWarning, OddName, WarningName
from confrere.domain.campaigns.forecast import DayCount, Forecast
from confrere.domain.campaigns.name_check import NameFault, NameWarning
from confrere.domain.campaigns.templates import UnknownVariable, UnknownVariables
from confrere.domain.errors import InvalidField
from confrere.domain.limits import MESSAGES_PER_DAY_CEILING
from confrere.domain.message import MessageText
from confrere.domain.person import Person
from confrere.domain.urns import PROFILE_FORM, GroupId, ProfileUrn
from confrere.domain.why_not import WhyNot
from confrere.http.answer import Answer

_AUDIENCE = audience_body(Audience(AUDIENCE_ID, "default", "Buyers in Lyon", GroupId(GROUP), "ids", NOW, 2))
_CAMPAIGN = Campaign(
    id=DRAFT_ID,
    workspace_id="default",
    name="Spring",
    account_id=ACCOUNT_ID,
    group_id=GroupId(GROUP),
    audience_id=AUDIENCE_ID,
    status=CampaignStatus.DRAFT,
    cause=None,
    starts_at=None,
    daily_cap=None,
    spread=True,
    skip_existing_conversations=True,
    first_left=None,
    created_by=KEY_ID,
    started_by=None,
    created_at=NOW,
    started_at=None,
    ended_at=None,
)
_WAIT = WhyNot(WaitReason.CAMPAIGN_PAUSED, None, remedies.RESUME_CAMPAIGN)
_DRAFT_STATE = CampaignState(
    _CAMPAIGN, CampaignCounts(), WhyNot(WaitReason.CAMPAIGN_PAUSED, None, remedies.START_CAMPAIGN)
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
        _CAMPAIGN,
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


EXAMPLES: Mapping[str, Examples] = {
    "listAudiences": {"page": AudiencePage(items=[_AUDIENCE], next_cursor=None), "cursor": BAD_CURSOR},
    "createAudience": {
        "created": Answer(201, _AUDIENCE, headers=((b"location", f"/v1/audiences/{AUDIENCE_ID}".encode()),)),
        "name": InvalidField("name", NAME_FORM),
        "source": InvalidField("source", SOURCE_FORM),
        "nobody": InvalidField(PEOPLE, f"must be a list of 1 to {MAX_PEOPLE:,} URNs"),
        "oneOfMany": ManyFaults(
            INVALID_FIELD,
            "1 of 2 recipients cannot be used, so none was taken",
            [Fault(field=f"{PEOPLE}[1]", detail=f"{PEOPLE}[1] {PROFILE_FORM}")],
        ),
    },
    "readAudience": {"audience": _AUDIENCE, "unknownAudience": NO_SUCH_AUDIENCE},
    "listAudiencePeople": {
        "page": AudienceMemberPage(items=[audience_member(AudiencePerson.of(ProfileUrn(RECIPIENT)))], next_cursor=None),
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
        "changed": campaign_body(replace(_DRAFT_STATE, campaign=replace(_CAMPAIGN, daily_cap=40, revision=2))),
        "dailyCap": InvalidField("dailyCap", f"must be a whole number from 1 to {MESSAGES_PER_DAY_CEILING}"),
        "unknownVariable": _UNKNOWN,
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
        "checked": check_body(_CHECK),
        "unknownVariable": UnknownVariables("templateId", (UnknownVariable("custom.town", "custom.city"),)),
        "wrongStatus": WrongStatus("checked", CampaignStatus.RUNNING),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "startCampaign": {
        "started": _started(CampaignStatus.RUNNING, CampaignCounts(waiting=2), id_=DRAFT_ID),
        "contentHash": InvalidField("contentHash", HASH_FORM),
        "contentChanged": ContentChanged(),
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
            CampaignState(replace(_CAMPAIGN, status=CampaignStatus.ARCHIVED), CampaignCounts(), None)
        ),
        "wrongStatus": WrongStatus("archived", CampaignStatus.RUNNING),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
    "listCampaignPeople": {
        "page": CampaignMemberPage(
            items=[campaign_member(_SENT, None), campaign_member(_SKIPPED, None)], next_cursor=None
        ),
        "status": InvalidField("status", f"must be one of {', '.join(PersonStatus)}"),
        "unknownCampaign": NO_SUCH_CAMPAIGN,
    },
}
