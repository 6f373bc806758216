"""Campaigns: one message each to the people of an audience, over days."""

from datetime import datetime
from typing import TypeVar

from confrere_client.arguments import check_optional_text, check_text, check_whole_number
from confrere_client.calls import Call, as_text, path_part, read_as
from confrere_client.campaign_models import Campaign, CampaignCheck, CampaignMember
from confrere_client.pages import CursorPage, Pages, list_managed
from confrere_client.resource import E, Resource, listing, method

PATH = "/v1/campaigns"
PAGE = 200

T = TypeVar("T")


class Campaigns(Resource[E]):
    """The workspace's campaigns.

    A key with the scope `send` may prepare, check and pause; to start, resume, stop and archive takes `admin`.
    Conflict is raised where the campaign's status does not allow it.
    """

    @method
    def create(
        self,
        *,
        name: str,
        audience_id: str,
        text: str | None = None,
        template_id: str | None = None,
        account_id: str | None = None,
        starts_at: datetime | None = None,
        daily_cap: int | None = None,
        spread: bool = True,
        skip_existing_conversations: bool = True,
    ) -> Call[Campaign]:
        """Write a draft; nothing is sent before `start`. Give `text` or `template_id`.

        starts_at:                    aware; when it begins once it is started; None: at once.
        daily_cap:                    its messages in a UTC day; None: no limit of its own.
        spread:                       whether its messages are spread evenly over the rest of the day.
        skip_existing_conversations:  whether people with whom the account has a conversation are skipped.
        """
        check_text("name", name)
        check_text("audience_id", audience_id)
        check_optional_text("text", text)
        check_optional_text("template_id", template_id)
        check_optional_text("account_id", account_id)
        check_whole_number("daily_cap", daily_cap)
        body = {
            "name": name,
            "audienceId": audience_id,
            "text": text,
            "templateId": template_id,
            "accountId": account_id,
            "startsAt": None if starts_at is None else as_text("starts_at", starts_at),
            "dailyCap": daily_cap,
            "spread": spread,
            "skipExistingConversations": skip_existing_conversations,
        }
        private = () if text is None else (text,)
        return Call("POST", PATH, read_as(Campaign), body=body, changes=True, private=private, at_root=True)

    @listing
    def list(
        self, *, status: str | None = None, account_id: str | None = None
    ) -> Pages[CursorPage[Campaign], Campaign]:
        """Iterate over campaigns, newest first; archived ones only with `status="archived"`."""
        return list_managed(Campaign, PATH, {"status": status, "accountId": account_id})

    @method
    def get(self, campaign_id: str) -> Call[Campaign]:
        """Read one campaign with how far it is, and why it waits. Raises NotFound."""
        return Call("GET", _path(campaign_id), read_as(Campaign), at_root=True)

    @method
    def check(self, campaign_id: str) -> Call[CampaignCheck]:
        """Find out what a start would do; nothing is sent."""
        return Call("POST", _path(campaign_id, "check"), read_as(CampaignCheck), at_root=True)

    @method
    def start(self, campaign_id: str, *, content_hash: str, first: int | None = None) -> Call[Campaign]:
        """Start what was checked.

        content_hash:  of the check.
        first:         how many messages are sent before it pauses with `first_sent`; None: all.
        Raises:        Conflict with the problem `contentChanged`, where people, texts or settings have changed since.
        """
        check_text("content_hash", content_hash)
        check_whole_number("first", first)
        body = {"contentHash": content_hash, "first": first}
        return Call("POST", _path(campaign_id, "start"), read_as(Campaign), body=body, changes=True, at_root=True)

    @method
    def pause(self, campaign_id: str) -> Call[Campaign]:
        """Pause it; no message of it begins after this returns. `counts.in_flight` had begun."""
        return _change(campaign_id, "pause")

    @method
    def resume(self, campaign_id: str) -> Call[Campaign]:
        """Let a paused campaign run."""
        return _change(campaign_id, "resume", changes=True)  # it may have paused again between two attempts

    @method
    def stop(self, campaign_id: str) -> Call[Campaign]:
        """End it for ever; people who wait are skipped."""
        return _change(campaign_id, "stop")

    @method
    def archive(self, campaign_id: str) -> Call[Campaign]:
        """Hide a draft, or a campaign that is over."""
        return _change(campaign_id, "archive")

    @listing
    def people(
        self, campaign_id: str, *, status: str | None = None, reason: str | None = None, page_size: int = PAGE
    ) -> Pages[CursorPage[CampaignMember], CampaignMember]:
        """Iterate over a campaign's people with what became of them. status, reason: only those."""
        query = {"status": status, "reason": reason, "limit": page_size}
        return list_managed(CampaignMember, lambda: _path(campaign_id, "people"), query)


def _change(campaign_id: str, verb: str, *, changes: bool = False) -> Call[Campaign]:
    return Call("POST", _path(campaign_id, verb), read_as(Campaign), changes=changes, at_root=True)


def _path(campaign_id: str, *more: str) -> str:
    return "/".join((PATH, path_part("campaign_id", campaign_id), *more))
