"""`/console/compose`: a text beside what one person gets of it, whether it may go now, and the button that sends it.

A form has an idempotency key of its own, which it keeps through previews and mistakes: sent twice, it sends once.
"""

import secrets
from dataclasses import dataclass, replace
from typing import Final

from confrere.campaigns import TemplatePreview
from confrere.campaigns.audiences import parse_name
from confrere.console.choices import MOST_PEOPLE, account_of, all_of, group_of, people_of
from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.console.send_once import send_once
from confrere.console.templates import format_time
from confrere.domain.account import Account
from confrere.domain.campaigns.template_values import NAMES
from confrere.domain.errors import (
    ConfrereError,
    InvalidField,
    KeyInUse,
    KeyReused,
    LimitIsZero,
    LimitReached,
    NoSession,
    NotFound,
    StoreUnavailable,
)
from confrere.domain.ids import parse_idempotency_key
from confrere.domain.message import MAX_CHARACTERS, MessageText
from confrere.domain.person import Person
from confrere.domain.preflight import PreflightRequest, PreflightResult
from confrere.domain.send import Send
from confrere.domain.send_request import SendRequest
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.http.answer import Answer
from confrere.services import Services

_MOST_TEMPLATES: Final = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds. people: who were chosen; the message is to the one at `at`."""

    account: Account
    group_id: GroupId
    people: tuple[ProfileUrn, ...]
    at: int
    text: str
    key: str

    @property
    def recipient(self) -> ProfileUrn:
        """To whom the message goes."""
        return self.people[self.at]


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of a draft. fault: why its text cannot be made; None where it can, or where nothing is typed."""

    person: Person
    preview: TemplatePreview | None
    fault: str | None
    preflight: PreflightResult
    earlier: list[Send]
    is_written_to: bool

    @property
    def text(self) -> MessageText | None:
        """What the person would get; None where that cannot be made."""
        return None if self.preview is None else self.preview.text


async def show(page: Page, services: Services) -> Answer:
    """Show an empty form for the people in the address."""
    people = people_of(all_of(page, "person"))[:MOST_PEOPLE]
    return await _form(page, services, await _draft(page, services, people, 0, ""))


async def preview(page: Page, services: Services) -> Answer:
    """Show what the person would get, for the page that replaces its preview while somebody types."""
    return await _form(page, services, await _typed(page, services))


async def act(page: Page, services: Services) -> Answer:
    """Do what the pressed button says; nothing but `send` sends anything."""
    draft = await _typed(page, services)
    match page.form.get("act"):
        case "send":
            return await _send(page, services, draft)
        case "next":
            return await _form(page, services, _turn(draft, 1))
        case "previous":
            return await _form(page, services, _turn(draft, -1))
        case "insert":
            return await _insert(page, services, draft)
        case "campaign":
            return await _lead_to_campaign(page, services, draft)
        case _:
            return await _form(page, services, draft)


async def _send(page: Page, services: Services, draft: Draft) -> Answer:
    """Send the one message, at most once for this form, and lead to its page."""
    assert page.user is not None
    view = await _view(page, services, draft)
    if view.text is None:
        return await _form(page, services, draft, 422, problem=view.fault or _blank(view), view=view)
    request = SendRequest(
        request_id=page.request_id,
        workspace_id=page.user.workspace_id,
        account_id=draft.account.id,
        recipient=draft.recipient,
        group_id=draft.group_id,
        text=view.text,
        idempotency_key=draft.key,
    )
    try:
        send_id = (await send_once(services, request)).send_id
    except KeyReused:
        problem = (
            "This form has sent a message already, with another text or to somebody else. To send this one as well, "
            "press Send again."
        )
        return await _form(page, services, replace(draft, key=_new_key()), 409, problem=problem)
    except KeyInUse:
        return await _form(page, services, draft, 409, problem="This message is being sent. Look at it under Sends.")
    except (InvalidField, NoSession, LimitIsZero, LimitReached) as refusal:
        return await _form(page, services, draft, 409, problem=f"Nothing was sent. {_in_words(refusal)}", view=view)
    except StoreUnavailable as fault:
        problem = f"{fault.advice}. Press Send again: however often this form is sent, the message goes out once."
        return await _form(page, services, draft, 503, problem=problem, view=view)
    return redirect(f"{PATH}/sends/{send_id}")


async def _insert(page: Page, services: Services, draft: Draft) -> Answer:
    """Put a saved template into the text: in place of a blank one, otherwise below it."""
    assert page.user is not None
    try:
        template = await services.templates.read(page.user.workspace_id, page.form.get("template", ""))
    except NotFound:
        return await _form(page, services, draft, 422, problem="Choose a saved template first.")
    before = f"{draft.text.rstrip()}\n\n" if draft.text.strip() else ""
    return await _form(page, services, replace(draft, text=before + template.text))


async def _lead_to_campaign(page: Page, services: Services, draft: Draft) -> Answer:
    """Make an audience of those who were chosen; the text is kept as a saved template, so that it is not lost."""
    assert page.user is not None
    workspace_id, now = page.user.workspace_id, format_time(services.clock()).replace("\u00a0", " ")
    try:
        if draft.text.strip():
            await services.templates.create(workspace_id, name=parse_name(f"Composed {now}"), text=draft.text)
        audience = await services.members.create_audience(
            workspace_id, draft.account.id, draft.group_id, name=f"Chosen {now}", recipients=draft.people
        )
    except InvalidField as fault:
        return await _form(page, services, draft, 422, problem=f"The {fault}.")
    return redirect(f"{PATH}/campaigns/new?audience={audience.id}")


async def _typed(page: Page, services: Services) -> Draft:
    """Return what was sent. Raises NotFound, InvalidField."""
    people, at = people_of(page.form.get("people", "").split())[:MOST_PEOPLE], page.form.get("at", "0")
    if not at.isascii() or not at.isdigit() or len(at) > 4 or int(at) >= max(1, len(people)):
        raise InvalidField("at", "must be the place of one of those who were chosen")
    text = page.form.get("text", "").replace("\r\n", "\n")  # browsers send line ends so
    draft = await _draft(page, services, people, int(at), text)
    return replace(draft, key=parse_idempotency_key(page.form.get("key", ""), field="key"))


async def _draft(page: Page, services: Services, people: list[ProfileUrn], at: int, text: str) -> Draft:
    _, account = await account_of(page, services)
    if account is None:
        raise NotFound("There is no account to write with; connect one first")
    if not people:
        raise NotFound("There is nobody to write to; choose somebody among the members of a group")
    group = page.form.get("group") or page.query.text("group") or ""
    return Draft(account, group_of(group), tuple(people), at, text, _new_key())


def _new_key() -> str:
    return f"console-{secrets.token_hex(16)}"


def _turn(draft: Draft, step: int) -> Draft:
    """Return the draft for the next person or the one before, as a form of its own."""
    return replace(draft, at=(draft.at + step) % len(draft.people), key=_new_key())


async def _view(page: Page, services: Services, draft: Draft) -> View:
    assert page.user is not None
    workspace_id, account_id, recipient = page.user.workspace_id, draft.account.id, draft.recipient
    preview, fault = None, None
    if draft.text.strip():
        try:
            preview = await services.single_messages.render(
                workspace_id, draft.text, account_id=account_id, group_id=draft.group_id, recipient=recipient
            )
        except InvalidField as wrong:
            fault = f"The {wrong}."
    preflight = await services.preflight.check(
        PreflightRequest(workspace_id, account_id, recipient, draft.group_id, preview.text if preview else None)
    )
    overview = await services.campaign_people.read_everywhere(workspace_id, recipient)
    return View(
        person=await services.single_messages.read_person(workspace_id, account_id, draft.group_id, recipient),
        preview=preview,
        fault=fault,
        preflight=preflight,
        earlier=[send for send in overview.sends if page.may_see(send.account_id)],
        is_written_to=bool(overview.sends),
    )


def _blank(view: View) -> str:
    if view.preview is None:
        return "The text must be one in which something can be seen, but it is blank."
    if not view.preview.blank_variables:
        return f"The text must be at most {MAX_CHARACTERS:,} characters long."
    names = ", ".join(view.preview.blank_variables)
    return f"The text shows {names}, of which nothing is known for this person. Take it out, or give it a default."


def _in_words(refusal: ConfrereError) -> str:
    if isinstance(refusal, LimitReached):
        return f"{refusal}: it may go on at {format_time(refusal.resets_at)}."
    return f"{refusal}."


async def _form(
    page: Page,
    services: Services,
    draft: Draft,
    status: int = 200,
    *,
    problem: str | None = None,
    view: View | None = None,
) -> Answer:
    assert page.user is not None
    workspace_id = page.user.workspace_id
    view = view or await _view(page, services, draft)
    return page.render(
        "compose.html",
        status=status,
        draft=draft,
        sandbox_member=draft.recipient,
        view=view,
        group=await services.members.read_group(workspace_id, draft.account.id, draft.group_id),
        templates=await services.templates.list_page(workspace_id, count=_MOST_TEMPLATES),
        variables=NAMES,
        most=MAX_CHARACTERS,
        problem=problem,
    )
