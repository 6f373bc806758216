"""Templates that are saved for several campaigns, and a look at the texts that they make."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from confrere.campaigns.audiences import parse_name
from confrere.domain.account import Account
from confrere.domain.campaigns.campaign import Candidate
from confrere.domain.campaigns.saved_template import SavedTemplate
from confrere.domain.campaigns.template_values import SharedValues, values_of
from confrere.domain.campaigns.templates import NotRendered, parse_template
from confrere.domain.errors import InvalidField, NotFound
from confrere.domain.ids import new_record_id
from confrere.domain.message import MessageText
from confrere.domain.urns import ProfileUrn
from confrere.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class TemplatePreview:
    """One text of a template. text: None where none can be made, because a blank variable would be shown, or too long.

    blank_variables:  those that the template uses and the person lacks, with a default or without.
    """

    text: MessageText | None
    blank_variables: tuple[str, ...]


class TemplateDirectory:
    """The templates of a workspace."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def create(self, workspace_id: str, *, name: str, text: str) -> SavedTemplate:
        """Write a template. Raises InvalidField, UnknownVariables."""
        name, parsed, now = parse_name(name), await asyncio.to_thread(parse_template, text), self._clock()
        template = SavedTemplate(new_record_id(), workspace_id, name, text, 1, parsed.variables, now, now)
        await self._store.add_template(template)
        return template

    async def read(self, workspace_id: str, template_id: str) -> SavedTemplate:
        """Raises NotFound."""
        return await self._store.read_template(workspace_id, template_id)

    async def list_page(
        self, workspace_id: str, *, before_id: str | None = None, count: int = 50
    ) -> Sequence[SavedTemplate]:
        """Return a page, the newest first."""
        return await self._store.list_templates(workspace_id, before_id=before_id, count=count)

    async def change(
        self,
        workspace_id: str,
        template_id: str,
        *,
        name: str | None = None,
        text: str | None = None,
        version: int | None = None,
    ) -> SavedTemplate:
        """Change name or text (None: as it is); another text is a new version, which drafts have at once.

        version:  that was read before; None changes any.
        Raises:   NotFound, InvalidField, UnknownVariables; ContentChanged where it has another version by now.
        """
        parsed = None if text is None else await asyncio.to_thread(parse_template, text)
        return await self._store.change_template(
            workspace_id,
            template_id,
            name=None if name is None else parse_name(name),
            content=None if text is None or parsed is None else (text, parsed.variables),
            now=self._clock(),
            version=version,
        )

    async def delete(self, workspace_id: str, template_id: str) -> None:
        """Delete it; campaigns that were started keep its text. Raises NotFound, TemplateInUse."""
        await self._store.delete_template(workspace_id, template_id)

    async def preview(
        self,
        workspace_id: str,
        template_id: str,
        *,
        audience_id: str | None = None,
        recipient: ProfileUrn | None = None,
    ) -> TemplatePreview:
        """Make one text: of somebody in an audience, by default the first; without one, of the variables' names.

        The sender is the default account, if there is one. Raises NotFound, InvalidField, UnknownVariables.
        """
        saved = await self._store.read_template(workspace_id, template_id)
        return await self.preview_text(workspace_id, saved.text, audience_id=audience_id, recipient=recipient)

    async def preview_text(
        self, workspace_id: str, text: str, *, audience_id: str | None = None, recipient: ProfileUrn | None = None
    ) -> TemplatePreview:
        """Do the same with a text that is not saved. Raises as above."""
        template = await asyncio.to_thread(parse_template, text)
        if audience_id is None:
            if recipient is not None:
                raise InvalidField(
                    "recipientProfileUrn", "needs an audienceId: what is known of people is in audiences"
                )
            values = template.placeholders()
        else:
            audience = await self._store.read_audience(workspace_id, audience_id)
            template.check_columns(audience.columns)
            one = (await self._read_person(workspace_id, audience_id, recipient)).one
            sender = await self._default_account(workspace_id)
            group_name = (await self._store.read_group(workspace_id, audience.group_id)).name
            values = values_of(one.person, one.custom, shared_values(sender, group_name))
        made = template.render(values)
        return TemplatePreview(None if isinstance(made, NotRendered) else made, template.blank_in(values))

    async def _read_person(self, workspace_id: str, audience_id: str, recipient: ProfileUrn | None) -> Candidate:
        if recipient is None:
            page = await self._store.list_candidates(workspace_id, audience_id, after_place=0, count=1)
            if not page:
                raise InvalidField("audienceId", "must be an audience with somebody in it")
            return page[0][1]
        try:
            return await self._store.read_candidate(workspace_id, audience_id, recipient)
        except NotFound as fault:
            raise InvalidField("recipientProfileUrn", "must be somebody in the audience") from fault

    async def _default_account(self, workspace_id: str) -> Account | None:
        try:
            return await self._store.read_account(workspace_id, None)
        except NotFound:
            return None


def shared_values(sender: Account | None, group_name: str | None) -> SharedValues:
    """Return what is the same for everybody."""
    if sender is None:
        return SharedValues(group_name, None, None)
    return SharedValues(group_name, sender.first_name, sender.last_name)
