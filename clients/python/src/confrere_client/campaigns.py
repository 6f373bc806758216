"""Campaigns: one message each to the people of an audience, over days."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from confrere_client.arguments import check_optional_text, check_text, check_whole_number, read_texts
from confrere_client.calls import NULL, Call, Facts, as_text, field_of, path_part, read_as
from confrere_client.campaign_models import (
    Campaign,
    CampaignCheck,
    CampaignMember,
    CampaignPeopleAdded,
    CampaignText,
    PersonHeld,
    WhyNot,
)
from confrere_client.decoding import decode, to_camel
from confrere_client.pages import CursorPage, Pages, list_managed
from confrere_client.resource import E, Resource, listing, method

PATH = "/v1/campaigns"
PAGE = 200


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
        return _write(
            "POST",
            PATH,
            name=name,
            audience_id=audience_id,
            text=text,
            template_id=template_id,
            account_id=account_id,
            starts_at=starts_at,
            daily_cap=daily_cap,
            spread=spread,
            skip_existing_conversations=skip_existing_conversations,
        )

    @method
    def update(
        self,
        campaign_id: str,
        *,
        name: str | None = None,
        audience_id: str | None = None,
        text: str | None = None,
        template_id: str | None = None,
        account_id: str | None = None,
        starts_at: datetime | None = None,
        at_once: bool = False,
        daily_cap: int | None = None,
        uncapped: bool = False,
        spread: bool | None = None,
        skip_existing_conversations: bool | None = None,
        revision: int | None = None,
    ) -> Call[Campaign]:
        """Change a draft; what is None stays as it is. Raises Conflict where it has another revision.

        at_once, uncapped:  take away `starts_at`, and `daily_cap`.
        revision:           that was read; None changes any.
        """
        taken_away = {"starts_at": at_once, "daily_cap": uncapped}
        return _write(
            "PATCH",
            _path(campaign_id),
            [name for name, is_taken in taken_away.items() if is_taken],
            name=name,
            audience_id=audience_id,
            text=text,
            template_id=template_id,
            account_id=account_id,
            starts_at=starts_at,
            daily_cap=daily_cap,
            spread=spread,
            skip_existing_conversations=skip_existing_conversations,
            revision=revision,
        )

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
    def texts(self, campaign_id: str, *, page_size: int = PAGE) -> Pages[CursorPage[CampaignText], CampaignText]:
        """Iterate over the people of a draft with what each would get now, in the order of its audience."""
        return list_managed(CampaignText, lambda: _path(campaign_id, "texts"), {"limit": page_size})

    @listing
    def people(
        self, campaign_id: str, *, status: str | None = None, reason: str | None = None, page_size: int = PAGE
    ) -> Pages[CursorPage[CampaignMember], CampaignMember]:
        """Iterate over a campaign's people with what became of them. status, reason: only those."""
        query = {"status": status, "reason": reason, "limit": page_size}
        return list_managed(CampaignMember, lambda: _path(campaign_id, "people"), query)

    @method
    def add_people(
        self, campaign_id: str, *, recipients: Sequence[str] | None = None, audience_id: str | None = None
    ) -> Call[CampaignPeopleAdded]:
        """Add to a campaign that was started those who are not in it yet; a finished one runs again.

        Give `recipients` by their profile URNs, or an audience of the same group.
        """
        check_optional_text("audience_id", audience_id)
        body = {"recipientProfileUrns": read_texts("recipients", recipients), "audienceId": audience_id}
        return Call("POST", _path(campaign_id, "people"), read_as(CampaignPeopleAdded), body=body, at_root=True)

    @method
    def hold(self, campaign_id: str, recipient: str, *, until: datetime) -> Call[PersonHeld]:
        """Put a person of the campaign off, in all campaigns of the workspace. until: aware."""
        path = _path(campaign_id, "people", path_part("recipient", recipient), "hold")
        body = {"until": as_text("until", until)}
        return Call("POST", path, read_as(PersonHeld), body=body, at_root=True)

    @method
    def release(self, campaign_id: str, recipient: str) -> Call[PersonHeld]:
        """End the hold of a person, in all campaigns of the workspace."""
        path = _path(campaign_id, "people", path_part("recipient", recipient), "release")
        return Call("POST", path, read_as(PersonHeld), at_root=True)


def read_why_not(account_id: str | None, campaign_id: str | None, recipient: str | None) -> Call[WhyNot | None]:
    """Find out why an account, a campaign or a person waits; None where nothing keeps it."""

    def read(value: object, _facts: Facts) -> WhyNot | None:
        found = field_of(value, "whyNot")
        return None if found is None else decode(WhyNot, found)

    query = {"accountId": account_id, "campaignId": campaign_id, "recipientProfileUrn": recipient}
    return Call("GET", "/v1/why-not-yet", read, query, at_root=True)


def _write(verb: str, path: str, nulls: Sequence[str] = (), **settings: Any) -> Call[Campaign]:
    """Write a draft with these settings. nulls: those that are taken away. Raises InvalidRequest."""
    for name in ("name", "audience_id", "text", "template_id", "account_id"):
        check_optional_text(name, settings[name])
    check_whole_number("daily_cap", settings["daily_cap"])
    if settings["starts_at"] is not None:
        settings["starts_at"] = as_text("starts_at", settings["starts_at"])
    body = {to_camel(name): value for name, value in settings.items()} | dict.fromkeys(map(to_camel, nulls), NULL)
    private = () if settings["text"] is None else (settings["text"],)
    return Call(verb, path, read_as(Campaign), body=body, changes=verb == "POST", private=private, at_root=True)


def _change(campaign_id: str, verb: str, *, changes: bool = False) -> Call[Campaign]:
    return Call("POST", _path(campaign_id, verb), read_as(Campaign), changes=changes, at_root=True)


def _path(campaign_id: str, *more: str) -> str:
    return "/".join((PATH, path_part("campaign_id", campaign_id), *more))
