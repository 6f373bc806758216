"""`/console/sends/{id}`: one message, and all that the ledger records of it."""

from confrere.console.local_time import zone_of
from confrere.console.page import Page
from confrere.domain.errors import NotFound
from confrere.domain.ids import is_record_id
from confrere.http.answer import Answer
from confrere.services import Services


async def show(page: Page, services: Services) -> Answer:
    """Show the send with its text and its history."""
    assert page.user is not None
    workspace_id, send_id = page.user.workspace_id, page.path_params["send_id"]
    if not is_record_id(send_id):
        raise NotFound("There is no such send in this workspace")
    send, history = await services.history.read_with_events(workspace_id, send_id)
    if not page.may_see(send.account_id):
        raise NotFound("There is no such send in this workspace")
    _, text = await services.history.read(workspace_id, send_id)
    account = await services.accounts.read(workspace_id, send.account_id)
    people = await services.members.find_people(workspace_id, [send.recipient])
    return page.render(
        "send.html",
        zone=await zone_of(page, services, send.account_id),
        send=send,
        history=history,
        text=text,
        account=account,
        people=people,
        sandbox_member=send.recipient,
    )
