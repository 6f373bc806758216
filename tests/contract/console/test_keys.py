"""Keys in the console: created, shown once, revoked; on both stores."""

import pytest
from playwright.async_api import expect

from confrere.domain.errors import Unauthorized
from confrere.domain.keys import Scope
from confrere.domain.users import Rights, Role
from tests.contract.console.chromium import visit
from tests.contract.console.conftest import Console, Scene


def shown_key(text: str) -> str:
    """Return the key on a page."""
    return text.partition('<code class="link">')[2].partition("</code>")[0]


async def test_a_key_is_shown_once_and_revoked(console: Console) -> None:
    """The new key opens what its scopes say, until it is revoked; no later page has it."""
    browser = await console.user()
    assert "There is no key yet" in (await browser.get("/console/keys")).text
    made = await browser.post("/console/keys", {"name": "n8n <b>", "scope": "read", "expires": "30"})
    key = shown_key(made.text)
    assert f"curl {console.url}/v1/accounts -H &#39;Authorization: Bearer {key}&#39;" in made.text
    caller = await console.services.keys.authenticate(key)
    assert caller.scopes == {Scope.READ}
    assert caller.expires_at is not None
    listed = (await browser.get("/console/keys")).text
    assert "n8n &lt;b&gt;" in listed
    assert key not in listed
    revoked = await browser.post(f"/console/keys/{caller.key_id}/revoke")
    assert revoked.headers["Location"] == "/console/keys?done=revoked"
    with pytest.raises(Unauthorized):
        await console.services.keys.authenticate(key)
    assert "Revoked" in (await browser.get("/console/keys")).text
    for wrong in ("x", "0" * 24):
        assert (await browser.post(f"/console/keys/{wrong}/revoke")).status == 404
    inbox = await browser.post("/console/keys", {"name": "reader", "scope": "inbox"})
    assert "/v1/replies" in inbox.text


async def test_a_form_that_cannot_be_used_is_kept(console: Console) -> None:
    """The field is named, what was chosen stays, and no key is made."""
    browser = await console.user()
    await browser.get("/console/keys")
    for fields, words in (
        ({"name": " ", "scope": "read"}, "name must be"),
        ({"name": "\u202ename", "scope": "read"}, "name must be"),
        ({"name": "n8n"}, "scope must be"),
        ({"name": "n8n", "scope": "root"}, "scope must be"),
        ({"name": "n8n", "scope": "read", "expires": "7"}, "expires must be"),
    ):
        reply = await browser.post("/console/keys", fields)
        assert reply.status == 422
        assert words in reply.text
        assert f'value="{fields["name"]}"' in reply.text
    assert await console.services.keys.list_all("default") == []


async def test_only_owners_see_keys(console: Console) -> None:
    """No other role sees the page, or does anything on it."""
    browser = await console.user("Approver", Rights(Role.APPROVER, inbox=True))
    assert (await browser.get("/console/keys")).status == 403
    assert (await browser.post("/console/keys", {"name": "n8n", "scope": "admin"})).status == 403
    assert (await browser.post("/console/keys/" + "0" * 24 + "/revoke")).status == 403


@pytest.mark.browser
async def test_an_owner_creates_and_revokes_a_key(scene: Scene) -> None:
    """The key stands beside a call that works with it; after the revocation the list says so."""
    async with visit(scene.server.url) as visitor:
        page = visitor.page
        await page.goto(await scene.link())
        await page.get_by_role("link", name="Keys").click()
        await page.get_by_label("Name").fill("n8n")
        await page.get_by_label("read", exact=False).first.check()
        await page.get_by_role("button", name="Create the key").click()
        await expect(page.locator(".made .link").last).to_contain_text("/v1/accounts")
        await visitor.assert_sound()
        row = page.locator("tr", has_text="n8n")
        await row.get_by_text("Revoke n8n …").click()
        await row.get_by_role("button", name="Revoke this key").click()
        await expect(row).to_contain_text("Revoked")
        await visitor.assert_sound()
