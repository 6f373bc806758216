"""The do-not-contact list over the management API."""

import csv
import io
from typing import Any

import pytest

from confrere.domain.keys import Scope
from tests.contract.api.conftest import RECIPIENT, Api
from tests.contract.api.management import Caller, calling

PATH = "/do-not-contact"


def urn(name: object) -> str:
    """Return the URN of a person."""
    return f"urn:li:fsd_profile:ACoAA{name}"


async def listed(caller: Caller, size: int = 200) -> list[Any]:
    """Return all entries, over all pages."""
    items, cursor = [], ""
    while True:
        page = await caller.get(f"{PATH}?limit={size}{cursor}")
        items += page["items"]
        if page["nextCursor"] is None:
            return items
        cursor = f"&cursor={page['nextCursor']}"


async def imported(caller: Caller, table: str | bytes, query: str = "") -> Any:
    """Return the answer to the import of a table."""
    data = io.BytesIO(table.encode() if isinstance(table, str) else table)
    return await caller.ask("POST", f"{PATH}/import{query}", data=data, headers={"Content-Type": "text/csv"})


async def test_who_is_listed_is_not_written_to(api: Api) -> None:
    """A listed person gets no message until they are removed from the list."""
    async with calling(api, Scope.ADMIN) as caller:
        assert await caller.post(PATH, {"recipientProfileUrn": RECIPIENT}) == {"added": 1, "alreadyListed": 0}
        assert (await api.send()).status == 403
        assert (await caller.ask("DELETE", f"{PATH}/{RECIPIENT}")).status == 204
        assert (await api.send()).status == 200


@pytest.mark.parametrize("misspelt", ["recipientProfileURN", "recipientprofileurn", "recipientProfileUr"])
async def test_a_misspelt_field_gets_a_hint(api: Api, misspelt: str) -> None:
    """The error for an absent field names it again where the body has one of a similar name, and quotes nothing."""
    hint = "; the body has a field of a similar name: did you mean recipientProfileUrn?"
    async with calling(api, Scope.ADMIN) as caller:
        answer = await caller.ask("POST", PATH, json={misspelt: urn(1)})
        problem = answer.problem(400, "invalidField")
        assert (problem["field"], problem["detail"].endswith(hint)) == ("recipientProfileUrn", True)
        for other in ({}, {"recipient": urn(1)}, {"recipientProfileUrn": "x", misspelt: urn(1)}):
            answer = await caller.ask("POST", PATH, json=other)
            assert "similar" not in answer.problem(400, "invalidField")["detail"]


async def test_one_or_many_are_added(api: Api) -> None:
    """Each person is added once, with reason and source; existing entries stay unchanged."""
    async with calling(api, Scope.ADMIN) as caller:
        assert (await caller.post(PATH, {"recipientProfileUrn": "ACoAA1", "reason": " asked "}))["added"] == 1
        many = {"recipientProfileUrns": [urn(2), "ACoAA1", urn(2), urn(3)], "reason": "bounced", "source": "crm"}
        assert await caller.post(PATH, many) == {"added": 2, "alreadyListed": 1}
        items = await listed(caller)
    assert [(item["recipientProfileUrn"], item["reason"], item["source"]) for item in items] == [
        (urn(1), "asked", "api"),
        (urn(2), "bounced", "crm"),
        (urn(3), "bounced", "crm"),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "recipientProfileUrn"),
        ({"recipientProfileUrn": 5}, "recipientProfileUrn"),
        ({"recipientProfileUrn": "odile"}, "recipientProfileUrn"),
        ({"recipientProfileUrn": "a\0"}, "recipientProfileUrn"),
        ({"recipientProfileUrns": []}, "recipientProfileUrns"),
        ({"recipientProfileUrns": "ACoAA1"}, "recipientProfileUrns"),
        ({"recipientProfileUrns": ["ACoAA1"] * 1001}, "recipientProfileUrns"),
        ({"recipientProfileUrns": ["ACoAA1"], "recipientProfileUrn": "ACoAA1"}, "recipientProfileUrns"),
        ({"recipientProfileUrn": "ACoAA1", "reason": "x" * 501}, "reason"),
        ({"recipientProfileUrn": "ACoAA1", "reason": "a\0"}, "reason"),
        ({"recipientProfileUrn": "ACoAA1", "reason": 5}, "reason"),
        ({"recipientProfileUrn": "ACoAA1", "source": "a\0"}, "source"),
    ],
)
async def test_what_cannot_be_added(api: Api, body: dict[str, Any], field: str) -> None:
    """A wrong field is named, and nobody is added."""
    async with calling(api, Scope.ADMIN) as caller:
        assert (await caller.ask("POST", PATH, json=body)).problem(400, "invalidField")["field"] == field
        assert await listed(caller) == []


async def test_one_bad_name_among_many_keeps_all_from_being_added(api: Api) -> None:
    """One wrong URN among many rejects the request, and every wrong one is reported by its index."""
    async with calling(api, Scope.ADMIN) as caller:
        answer = await caller.ask("POST", PATH, json={"recipientProfileUrns": ["ACoAA1", "bo", None, "ACoAA2"]})
        problem = answer.problem(400, "invalidField")
        assert [fault["field"] for fault in problem["errors"]] == ["recipientProfileUrns[1]", "recipientProfileUrns[2]"]
        assert await listed(caller) == []


async def test_the_list_has_pages(api: Api) -> None:
    """Pages of any size return every entry once, in the order of the URNs."""
    names = sorted(urn(number) for number in range(25))
    async with calling(api, Scope.ADMIN) as caller:
        await caller.post(PATH, {"recipientProfileUrns": names})
        for size in (1, 7, 25, 200):
            assert [item["recipientProfileUrn"] for item in await listed(caller, size)] == names


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=%00", "cursor=AAAA"])
async def test_a_page_that_is_not_there(api: Api, query: str) -> None:
    """A wrong page parameter is named."""
    async with calling(api, Scope.READ) as caller:
        problem = (await caller.ask("GET", f"{PATH}?{query}")).problem(400, "invalidField")
    assert problem["field"] == query.partition("=")[0]


async def test_who_is_not_listed_cannot_be_removed(api: Api) -> None:
    """Removing somebody who is not listed, or an invalid URN, is a 404."""
    async with calling(api, Scope.ADMIN) as caller:
        (await caller.ask("DELETE", f"{PATH}/ACoAA1")).problem(404, "notFound")
        for name in ("bo", "a%00b"):
            assert (await caller.ask("DELETE", f"{PATH}/{name}")).problem(400, "invalidField")["field"] == "recipient"


@pytest.mark.parametrize(
    "table",
    [
        "recipientProfileUrn,reason\nACoAA1,asked\nACoAA2,\n",
        "\ufeffreason;RECIPIENTPROFILEURN\r\nasked;ACoAA1\r\n;ACoAA2\r\n",
        'name\trecipientProfileUrn\treason\n"A\nB"\tACoAA1\tasked\n\tACoAA2\t\n',
    ],
)
async def test_a_table_is_imported(api: Api, table: str) -> None:
    """A table in any spreadsheet's format is imported; a row's own reason overrides the common one."""
    async with calling(api, Scope.ADMIN) as caller:
        answer = await imported(caller, table, "?reason=bounced")
        assert answer.body == {"added": 2, "alreadyListed": 0, "skipped": 0, "errors": []}
        items = await listed(caller)
    assert [(item["reason"], item["source"]) for item in items] == [
        ("asked", "api, import"),
        ("bounced", "api, import"),
    ]


async def test_bad_rows_are_reported_and_nothing_is_imported(api: Api) -> None:
    """Bad rows are reported and nothing is imported, unless `skipBad` is set."""
    table = f"recipientProfileUrn,reason\nACoAA1,\nbo,\nACoAA2,{'x' * 501}\nACoAA3,\n"
    async with calling(api, Scope.ADMIN) as caller:
        problem = (await imported(caller, table)).problem(400, "invalidRows")
        assert problem["detail"] == "2 of 4 rows are bad, so nothing was imported"
        assert [fault["line"] for fault in problem["errors"]] == [3, 4]
        assert await listed(caller) == []
        answer = await imported(caller, table, "?skipBad=true")
        assert (answer.body["added"], answer.body["skipped"]) == (2, 2)
        assert [fault["line"] for fault in answer.body["errors"]] == [3, 4]


async def test_many_bad_rows_are_counted(api: Api) -> None:
    """Many bad rows are counted, and the first hundred are reported."""
    async with calling(api, Scope.ADMIN) as caller:
        problem = (await imported(caller, "recipientProfileUrn\n" + "x\n" * 500)).problem(400, "invalidRows")
    assert problem["detail"].startswith("500 of 500 rows")
    assert len(problem["errors"]) == 100


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "has no column recipientProfileUrn"),
        ('{"recipientProfileUrn": "ACoAA1"}', "has no column recipientProfileUrn"),
        (b"recipientProfileUrn\n\xff\n", "Line 2 is not text in UTF-8"),
        ('recipientProfileUrn\nACoAA1\n"open\n', "cannot be read as CSV from line"),
    ],
)
async def test_what_is_no_table_is_refused(api: Api, table: str | bytes, words: str) -> None:
    """A file that is not a table is rejected, even with `skipBad`."""
    async with calling(api, Scope.ADMIN) as caller:
        assert words in (await imported(caller, table, "?skipBad=true")).problem(400, "invalidField")["detail"]
        problem = (await imported(caller, table, "?skipBad=perhaps")).problem(400, "invalidField")
        assert problem["field"] == "skipBad"
        assert await listed(caller) == []


async def test_a_table_may_have_five_mebibytes(api: Api) -> None:
    """A table of 5 MiB is imported; one byte more is rejected before it is read."""
    row = "urn:li:fsd_profile:ACoAA{:06},asked on the phone or by mail, nobody remembers which it was: {}\n"
    table = "recipientProfileUrn,reason\n" + "".join(row.format(number, "x" * 100) for number in range(20_000))
    assert 3 << 20 < len(table) < 5 << 20
    async with calling(api, Scope.ADMIN) as caller:
        assert (await imported(caller, table)).body["added"] == 20_000
        problem = (await imported(caller, b"x" * ((5 << 20) + 1))).problem(413, "bodyTooLarge")
        assert problem["detail"] == "The body must be at most 5 MiB"


async def test_the_export_can_be_imported_again(api: Api) -> None:
    """The export is a named file with every entry, more than one read returns, and can be imported again."""
    async with calling(api, Scope.ADMIN) as caller:
        rows = "".join(f"ACoAA{number:04},\n" for number in range(1_234))
        await imported(caller, "recipientProfileUrn,reason\n" + rows)
        await caller.post(PATH, {"recipientProfileUrn": "ACoAAz", "reason": 'said "no", twice'})
        answer = await caller.ask("GET", f"{PATH}/export")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="do-not-contact.csv"'
        table = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        assert list(table[0]) == ["recipientProfileUrn", "reason", "source", "addedAt"]
        names = [*sorted(urn(f"{number:04}") for number in range(1_234)), urn("z")]
        assert [row["recipientProfileUrn"] for row in table] == names
        assert table[-1]["reason"] == 'said "no", twice'
        assert (await imported(caller, answer.text)).body["alreadyListed"] == 1_235


@pytest.mark.parametrize("reason", ["=HYPERLINK(1)", "+1", "-1", "@x"])
async def test_the_export_holds_no_formula(api: Api, reason: str) -> None:
    """The export puts an apostrophe before cells that a spreadsheet would run as a formula."""
    async with calling(api, Scope.ADMIN) as caller:
        await caller.post(PATH, {"recipientProfileUrn": "ACoAA1", "reason": reason})
        answer = await caller.ask("GET", f"{PATH}/export")
    assert f",'{reason}," in answer.text


@pytest.mark.parametrize("mark", ["", "'", "''", "=", "'=", "+", "-", "@", '"', ";", ",", "a\r\nb"])
async def test_an_export_is_imported_unchanged(api: Api, mark: str) -> None:
    """Reasons of maximum length, apostrophes and formulas survive export and import."""
    reason = mark + "x" * (500 - len(mark))
    async with calling(api, Scope.ADMIN) as caller, calling(api, Scope.ADMIN, workspace_id="another") as other:
        await caller.post(PATH, {"recipientProfileUrn": "ACoAA1", "reason": reason})
        table = (await caller.ask("GET", f"{PATH}/export")).text
        assert (await imported(other, table)).body["added"] == 1
        assert [item["reason"] for item in await listed(other)] == [reason]


async def test_isolation_the_list_is_the_workspaces_own(api: Api) -> None:
    """Each workspace has its own do-not-contact list."""
    async with calling(api, Scope.ADMIN) as caller, calling(api, Scope.ADMIN, workspace_id="another") as stranger:
        await caller.post(PATH, {"recipientProfileUrn": "ACoAA1"})
        assert await listed(stranger) == []
        assert (await stranger.ask("GET", f"{PATH}/export")).text.count("\n") == 1
        (await stranger.ask("DELETE", f"{PATH}/ACoAA1")).problem(404, "notFound")
        assert len(await listed(caller)) == 1
