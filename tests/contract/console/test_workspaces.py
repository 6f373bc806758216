"""Workspaces in the console: operators manage them, and a user of one sees nothing of another, by whatever form."""

import re

import pytest
from playwright.async_api import expect

from confrere.console.routes import ROUTES
from confrere.domain.audit import COMMAND_LINE
from confrere.domain.send import SendFilter
from confrere.domain.urns import ProfileUrn
from confrere.domain.users import Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import PASSWORD, Console, Scene

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


async def test_an_operator_creates_a_workspace_and_invites_its_owner(console: Console) -> None:
    """A new workspace is listed with what it has; its link is shown once, and leads into it and nowhere else."""
    browser = await console.user()
    await console.services.store.end_restore(console.account, 7, console.services.clock(), nothing_lost=True)
    listed = row_of((await browser.get("/console/workspaces")).text, "default")
    assert cells(listed) == ["1", "1", "7"]
    assert "first owner" not in listed
    created = await browser.post("/console/workspaces", {"name": " Example <Ltd> "})
    assert created.headers["Location"] == "/console/workspaces?done=created"
    client = await console.services.workspaces.find("Example <Ltd>")
    listed = row_of((await browser.get("/console/workspaces?done=created")).text, client.id)
    assert "Example &lt;Ltd&gt;" in listed
    assert cells(listed) == ["0", "0", "0"]
    made = await browser.post(f"/console/workspaces/{client.id}/owner")
    link = made.text.partition('<code class="link">')[2].partition("</code>")[0]
    assert link.startswith(f"{console.url}/console/enter?token=")
    token = link.partition("=")[2]
    assert token not in (await browser.get("/console/workspaces")).text
    owner = console.browser()
    await owner.get(f"/console/enter?token={token}")
    assert (await owner.post("/console/enter", {"token": token, "name": "Clara", "password": PASSWORD})).status == 303
    [clara] = await console.services.logins.list_users(client.id)
    assert clara.rights == Rights(Role.OWNER)
    for path in ("", f"/{client.id}/rename", f"/{client.id}/owner"):
        assert (await owner.post(f"/console/workspaces{path}", {"name": "Mine"})).status == 403
    assert "/console/workspaces" not in (await owner.get("/console")).text
    assert cells(row_of((await browser.get("/console/workspaces")).text, client.id)) == ["0", "1", "0"]
    second = await browser.post(f"/console/workspaces/{client.id}/owner")
    assert (second.status, "has users" in second.text) == (409, True)
    [joined, invited] = await console.services.audit.list_audit(client.id, before=None, count=5)
    [odile] = await console.services.logins.list_users("default")
    assert (joined.action, invited.action, invited.actor.id) == ("user_joined", "user_invited", odile.id)


async def test_a_name_of_a_workspace_that_cannot_be_used_is_kept(console: Console) -> None:
    """The field is named and keeps what was typed, whether a workspace is to be created or renamed."""
    browser = await console.user()
    client = await console.services.workspaces.create("Example Ltd")
    await console.services.workspaces.create("Other Ltd")
    await browser.get("/console/workspaces")
    for path in ("/console/workspaces", f"/console/workspaces/{client.id}/rename"):
        for typed, words in (("Other Ltd", "name of another workspace"), ("x\u202ey", "printable characters")):
            reply = await browser.post(path, {"name": typed})
            assert reply.status == 422
            assert "The name must" in reply.text
            assert words in reply.text
            assert f'value="{typed}"' in reply.text
            assert reply.text.count('aria-invalid="true"') == 1
    renamed = await browser.post(f"/console/workspaces/{client.id}/rename", {"name": "Example GmbH"})
    assert renamed.headers["Location"] == "/console/workspaces?done=renamed"
    assert (await console.services.workspaces.find(client.id)).name == "Example GmbH"
    assert (await browser.post("/console/workspaces/" + "0" * 24 + "/rename", {"name": "Nobody"})).status == 404
    assert (await browser.post("/console/workspaces/" + "0" * 24 + "/owner")).status == 404


async def test_only_owners_of_the_first_workspace_see_workspaces(console: Console) -> None:
    """No other role of the first workspace has the page, its link, or what it does."""
    [before] = await console.services.workspaces.list_all()
    browser = await console.user("Approver", Rights(Role.APPROVER, inbox=True))
    assert "/console/workspaces" not in (await browser.get("/console")).text
    assert (await browser.get("/console/workspaces")).status == 403
    for path in ("", "/default/rename", "/default/owner"):
        assert (await browser.post(f"/console/workspaces{path}", {"name": "Mine"})).status == 403
    [workspace] = await console.services.workspaces.list_all()
    assert workspace == before


def row_of(text: str, workspace_id: str) -> str:
    """Return the table's row of this workspace."""
    [row] = [one for one in text.split("<tr>") if f"<code>{workspace_id}</code>" in one]
    return row


def cells(row: str) -> list[str]:
    """Return accounts, users and messages of a row."""
    return re.findall(r'<td data-label="(?:Accounts|Users|Messages today \(UTC\))">([^<]*)</td>', row)


@pytest.mark.browser
async def test_an_operator_works_with_workspaces(scene: Scene) -> None:
    """Create, see what is wrong with a name, rename, and make the owner's link, by mouse and keyboard."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Workspaces").click()
        await page.get_by_label("Name", exact=True).fill("Example Ltd")
        await page.get_by_role("button", name="Create the workspace").click()
        row = page.locator("tr", has_text="Example Ltd")
        await row.get_by_text("Rename Example Ltd …").click()
        await row.get_by_label("New name").fill("default")
        await row.get_by_role("button", name="Rename").click()
        await expect(page.get_by_role("alert")).to_contain_text("must not be the name of another workspace")
        visitor.complaints.clear()  # Chromium reports the status 422
        await visitor.assert_sound()
        await row.get_by_label("New name").fill("Example GmbH")
        await row.get_by_role("button", name="Rename").click()
        await page.get_by_role("button", name="Make the first owner").click()
        await expect(page.locator(".made .link")).to_contain_text("/console/enter?token=")
        await visitor.assert_sound()
