"""Campaigns: use cases on top of sending. The unit of work is an account's lane."""

from confrere.campaigns.audiences import AudienceDirectory
from confrere.campaigns.control import CampaignChanges, CampaignControl, CampaignState
from confrere.campaigns.lane_runner import LaneRunner
from confrere.campaigns.people import PeopleOfCampaigns
from confrere.campaigns.templates import TemplateDirectory, TemplatePreview
from confrere.campaigns.why_not_yet import WhyNotYet

__all__ = [
    "AudienceDirectory",
    "CampaignChanges",
    "CampaignControl",
    "CampaignState",
    "LaneRunner",
    "PeopleOfCampaigns",
    "TemplateDirectory",
    "TemplatePreview",
    "WhyNotYet",
]
