"""Campaigns: use cases on top of sending. The unit of work is an account's lane."""

from confrere.campaigns.audiences import AudienceContent, AudienceDirectory, AudienceState
from confrere.campaigns.collector import AudienceCollector
from confrere.campaigns.control import CampaignChanges, CampaignControl, CampaignState, PeopleAdded
from confrere.campaigns.first_message import FirstMessage
from confrere.campaigns.lane_runner import LaneRunner
from confrere.campaigns.long_tasks import LongTasks, Progress, StillRunning, finished
from confrere.campaigns.members import MemberDirectory
from confrere.campaigns.people import PeopleOfCampaigns, PersonHistory, PersonOverview
from confrere.campaigns.single_messages import SingleMessages
from confrere.campaigns.templates import TemplateDirectory, TemplatePreview
from confrere.campaigns.why_not_yet import WhyNotYet

__all__ = [
    "AudienceCollector",
    "AudienceContent",
    "AudienceDirectory",
    "AudienceState",
    "CampaignChanges",
    "CampaignControl",
    "CampaignState",
    "FirstMessage",
    "LaneRunner",
    "LongTasks",
    "MemberDirectory",
    "PeopleAdded",
    "PeopleOfCampaigns",
    "PersonHistory",
    "PersonOverview",
    "Progress",
    "SingleMessages",
    "StillRunning",
    "TemplateDirectory",
    "TemplatePreview",
    "WhyNotYet",
    "finished",
]
