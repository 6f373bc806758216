"""Templates as they are saved under a name, for several campaigns."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from confrere.domain.errors import ConfrereError

TEMPLATE_EDITED: Final = (
    "Somebody else has changed the template since you read it; read it again, then repeat your change"
)


@dataclass(frozen=True, slots=True)
class SavedTemplate:
    """A template with its newest text. Its repr does not show the text: texts are secret.

    version:    from 1; each new text is a new version, a new name is not.
    variables:  that the text uses, each once, in the order of their names: `firstName`, `custom.city`.
    """

    id: str
    workspace_id: str
    name: str
    text: str = field(repr=False)
    version: int
    variables: tuple[str, ...]
    created_at: datetime
    changed_at: datetime


class TemplateInUse(ConfrereError):
    """The template cannot be deleted: a draft has its text from it."""

    def __init__(self, campaign_id: str, campaign_name: str) -> None:
        super().__init__(
            f"The draft campaign '{campaign_name}' ({campaign_id}) uses this template; give the campaign another text, "
            "start it, or archive it"
        )
        self.campaign_id = campaign_id
