"""A text with variables, as one person sees it who is written to alone."""

import asyncio

from confrere.campaigns.templates import TemplatePreview, shared_values
from confrere.domain.campaigns.template_values import values_of
from confrere.domain.campaigns.templates import NotRendered, parse_template
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.ports import Store


class SingleMessages:
    """Makes texts for people of a group of whom something is known, without a campaign."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def render(
        self, workspace_id: str, text: str, *, account_id: str, group_id: GroupId, recipient: ProfileUrn
    ) -> TemplatePreview:
        """Make this person's text of a template; LinkedIn is not asked.

        Raises UnknownVariables, as for `custom` ones, which only audiences have; InvalidField, NotFound.
        """
        template = await asyncio.to_thread(parse_template, text, columns=())
        sender = await self._store.read_account(workspace_id, account_id)
        group = await self._store.read_group(workspace_id, str(group_id))
        values = values_of(
            await self.read_person(workspace_id, account_id, group_id, recipient),
            {},
            shared_values(sender, group.name),
        )
        made = template.render(values)
        return TemplatePreview(None if isinstance(made, NotRendered) else made, template.blank_in(values))

    async def read_person(self, workspace_id: str, account_id: str, group_id: GroupId, recipient: ProfileUrn) -> Person:
        """Return what is known of the person, first of all from the group; the URN alone where nothing is."""
        found = await self._store.find_members(workspace_id, account_id, group_id, [recipient])
        if str(recipient) in found:
            return found[str(recipient)].person
        return (await self._store.find_people(workspace_id, [recipient])).get(str(recipient), Person(recipient))
