"""Audiences: making one of a list or a table, its people, its deletion; over HTTP on both stores."""

import aiohttp
import pytest

from confrere.domain.campaigns.collection import GroupFilters
from confrere.domain.group import KnownGroup
from confrere.domain.person import Person
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.users import Rights, Role
from tests.contract.console.conftest import Browser, Console, Reply

GROUP = "12345678"
URN = "urn:li:fsd_profile:ACoAAmember"


async def send_parts(
    console: Console, browser: Browser, fields: dict[str, str], file: bytes | None = None, name: str = "people.csv"
) -> Reply:
    """Send the form as a browser does, with a file if there is one."""
    parts = aiohttp.FormData(quote_fields=False)
    for key, value in {"form_token": browser.token, **fields}.items():
        parts.add_field(key, value, content_type="text/plain;charset=utf-8")
    parts.add_field("file", file or b"", filename=name if file else "", content_type="text/csv")
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "Origin": console.url,
        "Cookie": "; ".join(f"{key}={value}" for key, value in browser.cookies.items()),
    }
    path = "/console/audiences/new"
    async with console.http.post(path, data=parts, headers=headers, allow_redirects=False) as answer:
        return Reply(answer.status, answer.headers, await answer.text())


async def test_a_pasted_list_becomes_an_audience(console: Console) -> None:
    """Each line names a person; the look through it writes nothing; bad lines are named and left out when agreed."""
    browser = await console.user()
    await browser.get("/console/audiences/new?then=campaign")
    lines = f"{URN}1\r\nhttps://www.linkedin.com/in/nobody-known/\r\n\r\n{URN}2\r\n{URN}1\r\n"
    fields = {"name": "Buyers", "group": GROUP, "people": lines, "then": "campaign"}
    looked = await send_parts(console, browser, {**fields, "dry": "yes"})
    assert looked.status == 200
    assert "2 people found; 2 rows cannot be used" in looked.text
    assert "Line 2: this address is not among the group&#39;s members" in looked.text
    assert "Line 5: person must be somebody else than in line 1" in looked.text
    assert await console.services.audiences.list_page("default") == []
    asked = await send_parts(console, browser, fields)
    assert (asked.status, "Nothing is made yet" in asked.text) == (422, True)
    made = await send_parts(console, browser, {**fields, "bad_rows": "2"})
    assert made.status == 303, made.text
    [audience] = await console.services.audiences.list_page("default")
    assert made.headers["Location"] == f"/console/campaigns/new?audience={audience.id}"
    assert (audience.count, audience.name) == (2, "Buyers")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
async def test_an_uploaded_table_becomes_an_audience_with_variables(console: Console, encoding: str) -> None:
    """A file in any encoding that Excel writes is read; its further columns are variables of texts."""
    browser = await console.user()
    await browser.get("/console/audiences/new")
    table = f"Profile URL;First name;City\n{URN}1;Zoë;Köln\n{URN}2;Ada;Lyon\n".encode(encoding)
    made = await send_parts(console, browser, {"name": "Buyers", "group": GROUP}, table)
    assert made.status == 303, made.text
    shown = await browser.get(made.headers["Location"])
    for words in ("Zoë", "Köln", "custom.city", "2 people"):
        assert words in shown.text


@pytest.mark.parametrize(
    ("fields", "file", "words"),
    [
        ({"group": ""}, None, "Group must be chosen"),
        ({"group": "the group"}, None, "Group must be"),
        ({"name": " "}, None, "Name must be"),
        ({"people": " "}, None, "People must be given"),
        ({"people": "nobody"}, None, "Line 1:"),
        ({"people": "city,country\nLyon,FR"}, None, "People has no column that names people"),
        ({"people": ""}, b"PK\x03\x04 a workbook", "CSV UTF-8"),
        ({"people": f"who,city\n{URN}1,Lyon", "column": "whom"}, None, "has no column whom"),
    ],
)
async def test_a_fault_is_named_and_what_was_typed_stays(
    console: Console, fields: dict[str, str], file: bytes | None, words: str
) -> None:
    """Nothing is written, and the field is named with what it must be."""
    browser = await console.user()
    await browser.get("/console/audiences/new")
    typed = {"name": "Kept", "group": GROUP, "people": f"{URN}1", **fields}
    reply = await send_parts(console, browser, typed, file)
    assert (reply.status, words in reply.text) == (422, True), reply.text
    assert "name" in fields or 'value="Kept"' in reply.text
    assert await console.services.audiences.list_page("default") == []


async def test_a_column_of_another_name_is_mapped(console: Console) -> None:
    """The column of the people may be named, where its name is not one of the known ones."""
    browser = await console.user()
    await browser.get("/console/audiences/new")
    fields = {"name": "Buyers", "group": GROUP, "people": f"Who,City\n{URN}1,Lyon", "column": "Who"}
    assert (await send_parts(console, browser, fields)).status == 303


async def test_groups_that_were_read_are_offered(console: Console) -> None:
    """The groups that LinkedIn has shown to an account are choices, by their names."""
    await console.services.store.keep_groups("default", [KnownGroup(GROUP, "Logistics <b>", 120)])
    browser = await console.user()
    page = await browser.get("/console/audiences/new")
    assert f'<option value="{GROUP}">Logistics &lt;b&gt;</option>' in page.text


async def test_people_are_listed_page_by_page(console: Console) -> None:
    """Each page leads to the next one."""
    people = [Person(ProfileUrn(f"{URN}{number}"), None, f"Ada{number}") for number in range(60)]
    from confrere.domain.campaigns.audience import AudiencePerson

    audience = await console.services.audiences.create(
        "default", name="Many", group_id=GroupId(GROUP), people=[AudiencePerson(one) for one in people]
    )
    browser = await console.user()
    first = await browser.get(f"/console/audiences/{audience.id}")
    assert ("Ada0<" in first.text, "Ada59<" in first.text) == (True, False)
    assert f'href="/console/audiences/{audience.id}?after=50"' in first.text
    second = await browser.get(f"/console/audiences/{audience.id}?after=50")
    assert ("Ada0<" in second.text, "Ada59<" in second.text) == (False, True)


async def test_an_audience_in_use_is_not_deleted(console: Console) -> None:
    """While a draft is for it the page says so; afterwards it is deleted, by an owner only."""
    from confrere.domain.campaigns.audience import AudiencePerson

    audience = await console.services.audiences.create(
        "default", name="Buyers", group_id=GroupId(GROUP), people=[AudiencePerson.of(ProfileUrn(f"{URN}1"))]
    )
    state = await console.services.campaigns.create("default", name="Spring", audience_id=audience.id, text="Hello")
    writer = await console.user("Will", Rights(Role.WRITER))
    path = f"/console/audiences/{audience.id}"
    assert "Delete the audience" not in (await writer.get(path)).text
    assert (await writer.post(f"{path}/delete")).status == 403
    browser = await console.user()
    await browser.get(path)
    refused = await browser.post(f"{path}/delete")
    assert refused.status == 409
    assert "Spring" in refused.text
    await console.services.campaigns.archive("default", state.campaign.id)
    assert (await browser.post(f"{path}/delete")).status == 303
    assert (await browser.get(path)).status == 404


async def test_a_collection_shows_how_far_it_is_to_those_who_see_its_account(console: Console) -> None:
    """It says what was read and why it waits; a user of other accounts does not see it."""
    audience = await console.services.audiences.create_from_group(
        "default", name="Members", group_id=GroupId(GROUP), account_id=None, filters=GroupFilters()
    )
    browser = await console.user()
    for path in ("/console/audiences", f"/console/audiences/{audience.id}"):
        reply = await browser.get(path)
        assert "Being collected" in reply.text
        assert 'hx-trigger="every 10s"' in reply.text
    other = await console.user("Otto", Rights(Role.WRITER, accounts=frozenset({"f" * 24})))
    assert "Members" not in (await other.get("/console/audiences")).text.partition("<main")[2]
    assert (await other.get(f"/console/audiences/{audience.id}")).status == 404
    draft = await console.services.campaigns.create("default", name="Spring", audience_id=audience.id, text="Hello")
    page = await browser.get(f"/console/campaigns/{draft.campaign.id}")
    assert page.status == 200
    assert "still being collected" in page.text
