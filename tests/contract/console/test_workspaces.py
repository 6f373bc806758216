"""A user of one workspace sees nothing of another, on whatever page and by whatever form."""

import re

from confrere.console.routes import ROUTES
from confrere.domain.audit import COMMAND_LINE
from confrere.domain.send import SendFilter
from confrere.domain.urns import ProfileUrn
from confrere.domain.users import Rights, Role
from tests.contract.console.conftest import PASSWORD, Console

WHO = ProfileUrn("urn:li:fsd_profile:ACoAAonlyhere")
SECRETS = ("Odile", "Only in the first workspace")
EVERYTHING = Rights(Role.OWNER, inbox=True)


async def test_no_page_shows_another_workspace(console: Console) -> None:
    """An owner of another workspace asks for every page, and sends every form, with the ids of the first one."""
    services, account = console.services, console.account
    template = await services.templates.create("default", name="Only in the first workspace", text="Hello")
    await services.keys.create("default", name="Only in the first workspace", scopes=[])
    key = (await services.keys.list_all("default"))[0]
    await services.do_not_contact.add("default", [WHO], reason="Only in the first workspace", source="test")
    ids = {
        "account_id": account.id,
        "template_id": template.id,
        "key_id": key.id,
        "campaign_id": "0" * 32,
        "audience_id": "0" * 32,
        "send_id": "0" * 32,
        "reply_id": "0" * 32,
        "webhook_id": "0" * 32,
        "group_id": "12345678",
        "person": "ACoAAonlyhere",
        "recipient": "ACoAAonlyhere",
    }
    client = await services.workspaces.create("Example Ltd")
    _, token = await services.logins.invite(client.id, EVERYTHING, COMMAND_LINE)
    browser = console.browser()
    await browser.get(f"/console/enter?token={token}")
    fields = {"token": token, "name": "Clara", "password": PASSWORD}
    assert (await browser.post("/console/enter", fields)).status == 303
    asked = 0
    for route in ROUTES:
        if route.scope is None or route.path.endswith(("/logout", "/password")):
            continue
        path = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], "0" * 32), route.path)
        if route.method == "GET":
            reply = await browser.get(f"{path}?account={account.id}")
        else:
            reply = await browser.post(path, {"account": account.id, "account_id": account.id, "person": str(WHO)})
        asked += 1
        place = (route.method, path, reply.status)
        assert reply.status < 500, place
        shown = reply.text.replace(path, "")
        assert not [one for one in SECRETS if one in shown and one not in path], place
        if "{account_id}" in route.path or "{template_id}" in route.path or "{key_id}" in route.path:
            assert reply.status in (403, 404, 422), place
        if route.is_of_server:
            assert reply.status == 403, place
    assert asked > 80
    assert (await services.accounts.read("default", None)).has_session
    assert (await services.templates.read("default", template.id)).text == "Hello"
    assert (await services.keys.list_all("default"))[0].revoked_at is None
    assert [one.recipient for one in await services.do_not_contact.list_page("default", after=None, count=5)] == [WHO]
    _, sends = await services.history.list_of_account("default", account.id, SendFilter(), before_id=None, count=5)
    assert (sends, console.upstream.seen) == ([], [])


async def test_a_name_leads_to_its_workspace(console: Console) -> None:
    """A name is taken in all workspaces, and its login leads to the one that it belongs to."""
    await console.user("Odile")
    client = await console.services.workspaces.create("Example Ltd")
    _, token = await console.services.logins.invite(client.id, EVERYTHING, COMMAND_LINE)
    browser = console.browser()
    await browser.get(f"/console/enter?token={token}")
    taken = await browser.post("/console/enter", {"token": token, "name": "ODILE", "password": PASSWORD})
    assert (taken.status, "another" in taken.text) == (422, True)
    assert (await browser.post("/console/enter", {"token": token, "name": "Clara", "password": PASSWORD})).status == 303
    again = console.browser()
    assert (await again.log_in("clara")).status == 303
    accounts = await again.get("/console/accounts")
    assert accounts.status == 200
    assert console.account.id not in accounts.text
    assert (await again.get(f"/console/accounts/{console.account.id}")).status == 404
