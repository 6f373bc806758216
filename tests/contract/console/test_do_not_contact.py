"""The do-not-contact list: searching, adding, taking off, importing after a look, and exporting."""

import re

import pytest

from confrere.domain.attempt import Unreadable
from confrere.domain.opt_out_csv import Row
from confrere.domain.users import Rights, Role
from tests.contract.console.conftest import Console
from tests.contract.console.people import know_members, urn
from tests.fakes.upstream import BASTIEN

PATH = "/console/do-not-contact"


async def listed(console: Console) -> dict[str, tuple[str | None, str]]:
    """Return reason and source of everybody on the list."""
    found = await console.services.do_not_contact.list_page("default")
    return {one.recipient: (one.reason, one.source) for one in found}


@pytest.mark.parametrize(
    "typed",
    [
        str(urn(7)),
        urn(7).profile_id,
        f"https://www.linkedin.com/in/{urn(7).profile_id}/",
    ],
)
async def test_one_is_added_by_any_name(console: Console, typed: str) -> None:
    """A URN, a bare id and an address that holds it add the person, once, without asking LinkedIn."""
    browser = await console.user()
    assert "Nobody is on the list yet" in (await browser.get(PATH)).text
    for words in ("Added: no account", "was on the list already"):
        reply = await browser.post(PATH, {"person": typed, "reason": "Asked by phone"})
        page = (await browser.get(reply.headers["Location"])).text
        assert words in page
        assert "Asked by phone" in page
    assert await listed(console) == {urn(7): ("Asked by phone", "console")}
    assert console.upstream.asked_people == []


async def test_a_name_in_an_address_is_resolved(console: Console) -> None:
    """The name in a profile's address is looked up at LinkedIn; one that nobody has, or a read that fails, is said."""
    browser = await console.user()
    await browser.get(PATH)
    reply = await browser.post(PATH, {"person": "https://www.linkedin.com/in/bastien-exemple/"})
    assert reply.status == 303
    assert set(await listed(console)) == {BASTIEN.profile_urn}
    nobody = await browser.post(PATH, {"person": "nobody-at-all", "reason": "kept"})
    assert nobody.status == 422
    assert "LinkedIn knows nobody of this name" in nobody.text
    assert 'value="kept"' in nobody.text
    console.upstream.next_reads = [Unreadable("no connection")]
    failed = await browser.post(PATH, {"person": "another-name"})
    assert failed.status == 422
    assert "LinkedIn could not be read: no connection" in failed.text


@pytest.mark.parametrize(("person", "reason"), [("", ""), ("a b!", ""), (str(urn(1)), "x" * 501)])
async def test_what_cannot_be_used_is_named_and_kept(console: Console, person: str, reason: str) -> None:
    """A person or reason that cannot be used is named, what was typed stays, and nobody is added."""
    browser = await console.user()
    await browser.get(PATH)
    reply = await browser.post(PATH, {"person": person, "reason": reason})
    assert reply.status == 422
    assert 'aria-invalid="true"' in reply.text
    assert f'value="{person}"' in reply.text
    assert f'value="{reason}"' in reply.text
    assert await listed(console) == {}


async def test_the_list_is_searched(console: Console) -> None:
    """A URN, a part of a known name, of the reason or of the source finds people; who is not found is said."""
    await know_members(console)
    for number, reason in ((0, "Wrote 100% no"), (1, None), (9, "Asked by phone")):
        await console.services.do_not_contact.add("default", [urn(number)], reason=reason, source=f"door {number}")
    browser = await console.user()
    for search, expected in (
        (str(urn(1)), [1]),
        ("emile", [1]),
        ("100%25", [0]),
        ("PHONE", [9]),
        ("door", [0, 1, 9]),
        ("door 9", [9]),
        ("_", []),
    ):
        page = (await browser.get(f"{PATH}?q={search}")).text
        found = re.findall(r'<th scope="row"><a href="/console/people/ACoAAknown(\d+)"', page)
        assert [int(number) for number in found] == expected, search
        assert ("Nobody on the list matches" in page) == (not expected)
    assert "Émile Zola" in (await browser.get(PATH)).text


async def test_the_list_has_pages(console: Console) -> None:
    """Everybody is on exactly one page."""
    await console.services.do_not_contact.add("default", [urn(n) for n in range(60)], reason=None, source="test")
    browser = await console.user()
    first = await browser.get(f"{PATH}?q=test")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None
    second = await browser.get(following[1].replace("&amp;", "&"))
    pattern = re.compile(r'<th scope="row"><a href="/console/people/([\w-]+)"')
    assert len(set(pattern.findall(first.text) + pattern.findall(second.text))) == 60
    assert 'rel="next"' not in second.text
    assert (await browser.get(f"{PATH}?after=no.id")).status == 404


TABLE = f"""recipientProfileUrn,reason
{urn(1)},Said no
nonsense,x
{urn(2).profile_id},
{urn(1)},again
a b c
"""


async def test_an_import_says_first_what_would_happen(console: Console) -> None:
    """A table is shown line by line without writing; the same form with the other button writes the good lines."""
    await console.services.do_not_contact.add("default", [urn(2)], reason=None, source="test")
    browser = await console.user()
    assert "Paste one person a line" in (await browser.get(f"{PATH}/import")).text
    form = {"table": TABLE, "reason": "From the old list"}
    looked = await browser.post(f"{PATH}/import", {**form, "act": "check"})
    rows = re.findall(r'<th scope="row">(\d+)</th>.*?<span class="badge [^"]+">([^<]+)</span>', looked.text)
    assert rows == [
        ("3", "Would be left out"),
        ("6", "Would be left out"),
        ("2", "Would be added"),
        ("4", "Is on the list already"),
        ("5", "Stands in an earlier line already"),
    ]
    assert urn(1) in looked.text
    assert "Add 1 person to the list" in looked.text
    assert set(await listed(console)) == {urn(2)}
    done = await browser.post(f"{PATH}/import", {**form, "act": "import"})
    assert "1 person was added; 2 lines were left out" in done.text
    assert await listed(console) == {urn(1): ("Said no", "console, import"), urn(2): (None, "test")}
    again = await browser.post(f"{PATH}/import", {**form, "act": "import"})
    assert "0 people were added" in again.text


async def test_a_list_without_a_head_is_taken(console: Console) -> None:
    """One person a line is enough; lines are counted as they were pasted."""
    browser = await console.user()
    await browser.get(f"{PATH}/import")
    table = f"\r\n{urn(1)}\r\n{urn(2).profile_id}\r\nnobody here\r\n"
    looked = await browser.post(f"{PATH}/import", {"table": table, "act": "check"})
    rows = re.findall(r'<th scope="row">(\d+)</th>.*?<span class="badge [^"]+">([^<]+)</span>', looked.text)
    assert rows == [("3", "Would be left out"), ("1", "Would be added"), ("2", "Would be added")]
    await browser.post(f"{PATH}/import", {"table": table, "reason": "Old list", "act": "import"})
    assert await listed(console) == {urn(n): ("Old list", "console, import") for n in (1, 2)}


@pytest.mark.parametrize(
    ("table", "reason", "words"),
    [
        ("", "", "The table must name at least one person"),
        ("x", "y" * 501, "The reason must be"),
        ("recipientProfileUrn,recipientProfileUrn\n", "", "table"),
    ],
)
async def test_a_table_that_cannot_be_read_is_explained(console: Console, table: str, reason: str, words: str) -> None:
    """A table that is none is explained, and what was pasted stays."""
    browser = await console.user()
    await browser.get(f"{PATH}/import")
    reply = await browser.post(f"{PATH}/import", {"table": table, "reason": reason, "act": "import"})
    assert reply.status == 422
    assert words in reply.text
    assert table in reply.text
    assert await listed(console) == {}


async def test_a_large_table_is_taken(console: Console) -> None:
    """A table far over the limit of other forms is taken; the first of its lines are listed, and all are counted."""
    browser = await console.user()
    await browser.get(f"{PATH}/import")
    table = "\n".join(urn(n) for n in range(3_000))
    looked = await browser.post(f"{PATH}/import", {"table": table, "act": "check"})
    assert "Add 3,000 people to the list" in looked.text
    assert "the first 200 of 3,000" in looked.text
    assert (await browser.post(PATH, {"person": table})).status == 413


async def test_an_export_can_be_imported(console: Console) -> None:
    """The exported table has everybody with reason and source, and an import of it finds all of them listed."""
    people = [Row(urn(1), "=Said no"), Row(urn(2), None)]
    await console.services.do_not_contact.add_rows("default", people, source="test")
    browser = await console.user()
    await browser.get(PATH)
    table = await browser.get(f"{PATH}/export")
    [entry] = await console.services.audit.list_audit("default", before=None, count=1)
    assert (entry.action, entry.detail, entry.actor.kind) == ("exported", "do-not-contact list", "user")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="do-not-contact.csv"' in table.headers["Content-Disposition"]
    assert table.text.startswith("recipientProfileUrn,reason,source,addedAt\r\n")
    await browser.get(f"{PATH}/import")
    looked = await browser.post(f"{PATH}/import", {"table": table.text, "act": "check"})
    assert looked.text.count("Is on the list already") == 2


async def test_rights_are_kept(console: Console) -> None:
    """A viewer only looks, a writer adds, and an owner also takes off and imports."""
    await console.services.do_not_contact.add("default", [urn(1)], reason=None, source="test")
    for role, may_add, may_change in (
        (Role.VIEWER, False, False),
        (Role.WRITER, True, False),
        (Role.OWNER, True, True),
    ):
        browser = await console.user(role, Rights(role))
        page = (await browser.get(PATH)).text
        assert ("Add to the list" in page) == may_add
        assert ("Take off" in page) == ("Import a table" in page) == may_change
        added = await browser.post(PATH, {"person": urn(2)})
        assert added.status == (303 if may_add else 403)
        off = await browser.post(f"{PATH}/remove", {"person": urn(2).profile_id})
        assert off.status == (303 if may_change else 403)
        assert (await browser.post(f"{PATH}/import", {"table": urn(3)})).status == (200 if may_change else 403)
        if may_change:
            assert (await browser.post(f"{PATH}/remove", {"person": urn(2).profile_id})).status == 404
    assert set(await listed(console)) == {urn(1)}
