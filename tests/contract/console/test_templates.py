"""Saved templates: written, edited by two, previewed, deleted; over HTTP on both stores."""

from confrere.domain.users import Rights, Role
from tests.contract.console.conftest import Console
from tests.contract.console.test_campaigns import field, form_of, make_audience

TEXT = 'Hello {{ firstName | default: "there" }}'


async def test_a_template_is_written_edited_and_used(console: Console) -> None:
    """It is listed with its variables; another text is a new version; a draft may use it."""
    browser = await console.user()
    await browser.get("/console/templates/new")
    made = await browser.post("/console/templates/new", {"name": "Spring <b>", "text": f"{TEXT},\r\nbye"})
    assert made.status == 303, made.text
    path = made.headers["Location"]
    page = await browser.get(path)
    assert "Spring &lt;b&gt;" in page.text
    assert "version 1" in page.text
    saved = await browser.post(path, {"name": "Spring", "text": f"{TEXT}!", "version": "1"})
    assert saved.headers["Location"] == f"{path}?done=saved"
    assert "version 2" in (await browser.get(path)).text
    listed = await browser.get("/console/templates")
    assert "<code>firstName</code>" in listed.text
    template_id = path.rpartition("/")[2]
    fields = await form_of(console, browser, await make_audience(console), source="template", template=template_id)
    drafted = await browser.post("/console/campaigns/new", {**fields, "text": ""})
    draft = await browser.get(drafted.headers["Location"])
    assert "version 2" in draft.text
    assert "Hello Ada0!" in draft.text
    refused = await browser.post(f"{path}/delete")
    assert refused.status == 409
    assert f'href="{drafted.headers["Location"]}"' in refused.text


async def test_a_fault_names_place_and_nearest_variable(console: Console) -> None:
    """A text that cannot be used is kept, with the line and the name that may have been meant."""
    browser = await console.user()
    await browser.get("/console/templates/new")
    for text, words in (
        ("One\nHello {{ lastNam }}", "lastNam in line 2 (did you mean lastName?)"),
        ("One\n\nHello {{ firstName | upcas }}", "unknown filter upcas in line 3"),
        ("One\n{% if firstName %}", "line 2"),
        (" ", "Text must make a text in which something can be seen"),
    ):
        reply = await browser.post("/console/templates/new", {"name": "Spring", "text": text})
        assert (reply.status, words in reply.text) == (422, True), reply.text
        shown = await browser.post("/console/templates/new/preview", {"name": "Spring", "text": text})
        assert shown.status == 200
    assert await console.services.templates.list_page("default") == []


async def test_of_two_who_edit_the_second_is_refused(console: Console) -> None:
    """The second sees the other's text, keeps what they typed, and may save it then."""
    template = await console.services.templates.create("default", name="Spring", text=TEXT)
    first, second = await console.user("Odile"), await console.user("Bea")
    path = f"/console/templates/{template.id}"
    versions = [field((await browser.get(path)).text, "version") for browser in (first, second)]
    assert (await first.post(path, {"name": "Spring", "text": "From Odile", "version": versions[0]})).status == 303
    mine = {"name": "Mine", "text": "From Bea", "version": versions[1]}
    refused = await second.post(path, mine)
    assert refused.status == 409
    for words in ("Somebody else has changed this template", "From Odile", "From Bea</textarea>", 'value="Mine"'):
        assert words in refused.text
    again = await second.post(path, {**mine, "version": field(refused.text, "version")})
    assert again.status == 303
    assert (await console.services.templates.read("default", template.id)).text == "From Bea"


async def test_a_preview_is_for_somebody_of_an_audience(console: Console) -> None:
    """Without an audience it shows the variables' names, with one the text of its first person."""
    template = await console.services.templates.create("default", name="Spring", text=TEXT)
    browser = await console.user()
    path = f"/console/templates/{template.id}"
    assert "Hello [firstName]" in (await browser.get(path)).text
    fields = {"name": "Spring", "text": TEXT, "audience": await make_audience(console)}
    assert "Hello Ada0" in (await browser.post(f"{path}/preview", fields)).text
    faulty = await browser.post(f"{path}/preview", {**fields, "text": "{{ custom.city }}"})
    assert "custom.city in line 1" in faulty.text


async def test_a_viewer_reads_templates_only(console: Console) -> None:
    """A viewer sees the text, and no button; what they send is refused."""
    template = await console.services.templates.create("default", name="Spring", text=TEXT)
    viewer = await console.user("Vivi", Rights(Role.VIEWER))
    path = f"/console/templates/{template.id}"
    page = await viewer.get(path)
    assert "readonly" in page.text
    assert ">Save<" not in page.text
    assert (await viewer.post(path, {"name": "x", "text": "y"})).status == 403
    assert (await viewer.post(f"{path}/delete")).status == 403
    assert (await viewer.get("/console/templates/new")).status == 403
