"""`/console/people/{recipient}/erase`: erase everything about one person; `…/export`: a file with all of it."""

import msgspec

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.domain.errors import Forbidden, InvalidField
from confrere.domain.limits import iso_z
from confrere.domain.urns import ProfileUrn
from confrere.http.answer import Answer
from confrere.services import Services

UNCONFIRMED = "Tick the box to confirm: what is erased cannot be brought back."


async def show(page: Page, services: Services) -> Answer:
    """Say what goes and what stays, or when the person was erased."""
    return await _form(page, services, 200, None)


async def erase(page: Page, services: Services) -> Answer:
    """Erase the person, if that is confirmed."""
    workspace_id, recipient = _person(page)
    if page.form.get("sure") != "yes":
        return await _form(page, services, 422, UNCONFIRMED)
    try:
        await services.personal_data.erase(workspace_id, recipient, page.actor)
    except InvalidField as fault:
        return await _form(page, services, 422, f"{fault}.")
    return redirect(f"{PATH}/people/{recipient}/erase")


async def export(page: Page, services: Services) -> Answer:
    """Return everything about the person as a file."""
    workspace_id, recipient = _person(page)
    found = await services.personal_data.read_everything(workspace_id, recipient, page.actor)
    shown = {"recipientProfileUrn": str(recipient), "exportedAt": iso_z(services.clock()), **found}
    headers = ((b"content-disposition", b'attachment; filename="person.json"'), (b"cache-control", b"no-store"))
    return Answer(200, msgspec.json.format(msgspec.json.encode(shown)), headers=headers, media_type="application/json")


async def _form(page: Page, services: Services, status: int, problem: str | None) -> Answer:
    workspace_id, recipient = _person(page)
    return page.render(
        "erase.html",
        status=status,
        recipient=recipient,
        people=await services.members.find_people(workspace_id, [recipient]),
        erasure=await services.personal_data.read_erasure(workspace_id, recipient),
        problem=problem,
    )


def _person(page: Page) -> tuple[str, ProfileUrn]:
    """Return workspace and person. Raises Forbidden for users of some accounts only: the data is of all."""
    assert page.user is not None
    if page.user.rights.accounts is not None:
        raise Forbidden("all accounts")
    return page.user.workspace_id, ProfileUrn.parse(page.path_params["recipient"])
