"""Audiences from CSV tables: who is named, what they bring along, and which rows name nobody."""

import io
from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from confrere.domain.campaigns.audience_csv import MAX_CELL_CHARACTERS, AudienceRow, AudienceTable, custom_name
from confrere.domain.campaigns.template_values import SharedValues, values_of
from confrere.domain.campaigns.templates import parse_template
from confrere.domain.csv_table import write_rows
from confrere.domain.errors import InvalidField
from confrere.domain.opt_out_csv import MAX_BAD_ROWS
from confrere.domain.person import Person, VanityName
from confrere.domain.urns import ProfileUrn

ANNA = Person(ProfileUrn("urn:li:fsd_profile:ACoAAanna"), "anna-s", "Anna", "Smith", "Chemist")
BEN = ProfileUrn("urn:li:fsd_profile:ACoAAben")


def find_member(who: ProfileUrn | VanityName) -> Person | None:
    """Anna is in the group's member list, and nobody else."""
    return {"anna-s": ANNA, str(ANNA.profile_urn): ANNA}.get(str(who))


def opened(text: str | bytes, mapping: Mapping[str, str] | None = None) -> AudienceTable:
    """A table of this text."""
    return AudienceTable(io.BytesIO(text if isinstance(text, bytes) else text.encode()), find_member, mapping=mapping)


def read(
    text: str | bytes, mapping: Mapping[str, str] | None = None
) -> tuple[list[AudienceRow], list[tuple[int, str]]]:
    """The people of the table, and its bad rows."""
    table = opened(text, mapping)
    return list(table), [(bad.line, bad.error) for bad in table.bad]


@pytest.mark.parametrize(
    "written",
    [
        "urn:li:fsd_profile:ACoAAanna",
        "ACoAAanna",
        "https://www.linkedin.com/in/ACoAAanna/",
        "https://www.linkedin.com/in/Anna-S/?trk=people",
        "linkedin.com/in/anna-s",
        " ANNA-S ",
    ],
)
def test_a_member_is_found_however_they_are_written(written: str) -> None:
    """A URN, a bare id, an address with the id, and a public identifier or its address name the same member."""
    assert read(f"profileUrl\n{written}\n") == ([AudienceRow(2, ANNA, {})], [])


def test_an_id_needs_no_member_list() -> None:
    """Somebody named by id is taken without the member list, with the names that the table has."""
    rows, bad = read("recipientProfileUrn,First Name,lastname,headline\nACoAAben, Ben ,Baker,Baker\n")
    assert rows == [AudienceRow(2, Person(BEN, None, "Ben", "Baker", "Baker"), {})]
    assert not bad


def test_the_names_of_the_table_come_first() -> None:
    """A name in the table replaces that of the member list, and a blank cell does not."""
    rows, _ = read("firstName,lastName,profile\nAnnie,,anna-s\n")
    assert [(row.person.first_name, row.person.last_name) for row in rows] == [("Annie", "Smith")]


def test_further_columns_are_custom_variables() -> None:
    """Every other column becomes a custom variable, under a name that a template can use."""
    table = opened("profile;Company Name;Größe;;2nd\nanna-s;Bee & Co; 5 ;x;\n")
    (row,) = table
    assert table.columns == ("company_name", "größe", "c_2nd")
    assert row.custom == {"company_name": "Bee & Co", "größe": "5"}
    template = parse_template("{{ custom.company_name }}, {{ custom.größe }}", columns=table.columns)
    assert template.render(values_of(row.person, row.custom, SharedValues(None, None, None))) == "Bee & Co, 5"


def test_the_mapping_names_columns() -> None:
    """The mapping names the columns, in any case, and the custom variables."""
    rows, _ = read(
        "Who|Rufname|profile|Ort\nanna-s|Annie|likes bees|Bonn\n",
        {"person": "WHO", "firstName": "rufname", "custom.city": "Ort"},
    )
    assert rows[0].person.first_name == "Annie"
    assert rows[0].custom == {"city": "Bonn", "profile": "likes bees"}


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ({"person": "nobody"}, "csv has no column nobody"),
        ({"firstName": "nobody"}, "mapping must name columns of the table for firstName; it has profile, a"),
        ({"nickname": "a"}, "mapping must have the fields person"),
        ({"custom.A b": "a"}, "mapping must have the fields person"),
    ],
)
def test_a_wrong_mapping_is_refused(mapping: Mapping[str, str], why: str) -> None:
    """A mapping to a column that is not there, or of a field that there is not, is refused by name."""
    with pytest.raises(InvalidField, match=why):
        read("profile,a\nanna-s,1\n", mapping)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name,mail\nAnna,a@example.org\n", "names people, such as recipientProfileUrn"),
        ("profile,a b,a-b\nanna-s,1,2\n", "two columns that would be custom.a_b"),
        ("profile,a,a\nanna-s,1,2\n", "two columns that would be custom.a"),
        ("profile" + "".join(f",c{number}" for number in range(51)) + "\n", "at most 50 columns"),
        (b"PK\x03\x04 workbook", "Excel workbook"),
    ],
)
def test_a_table_that_is_none_is_refused(text: str | bytes, why: str) -> None:
    """A table without people, with columns of the same name, or in another format is refused as a whole."""
    with pytest.raises(InvalidField, match=why):
        opened(text)


def test_bad_rows_are_listed_by_line() -> None:
    """Each row that names nobody, or somebody again, is listed by its line with the reason; the others are taken."""
    rows, bad = read(
        "profile,note\n"
        "anna-s,x\n"
        ",blank\n"
        'nobody-here,"two\nlines"\n'
        "not a profile,x\n"
        "ACoAAanna,again\n"
        "ACoAAben,a,b\n"
        f"ACoAAben,{'x' * (MAX_CELL_CHARACTERS + 1)}\n"
        "ACoAAben,x\n"
    )
    assert [row.line for row in rows] == [2, 10]
    assert [line for line, _ in bad] == [3, 4, 6, 7, 8, 9]
    reasons = [why for _, why in bad]
    assert reasons[0].startswith("person must be the address of a profile")
    assert reasons[1].startswith("person must be in the group's member list")
    assert reasons[3] == "person must be somebody else than in line 2"
    assert "more cells than there are columns" in reasons[4]
    assert reasons[5] == "note must be at most 2,000 characters long, but has 2,001"


def test_a_table_of_nothing_but_bad_rows_stays_small() -> None:
    """Beyond the first thousand bad rows are counted only."""
    table = opened("profile\n" + "nobody\n" * (MAX_BAD_ROWS + 5))
    assert not list(table)
    assert len(table.bad) == MAX_BAD_ROWS
    assert table.bad_count == MAX_BAD_ROWS + 5


def test_rows_are_read_as_they_are_asked_for() -> None:
    """A row is given before the rest of the file is read."""
    rows = iter(opened("profile\nanna-s\n" + "x\n" * 20_000 + '"\n'))
    assert next(rows).person == ANNA
    with pytest.raises(InvalidField, match="from line 20003 on"):
        next(rows)


@given(st.lists(st.integers(0, 9), max_size=30))
def test_everybody_is_in_an_audience_once(ids: list[int]) -> None:
    """Whatever a table repeats, in whatever form, each person is in the audience once, where first named."""
    forms = ["urn:li:fsd_profile:ACoAA{}", "ACoAA{}", "https://linkedin.com/in/ACoAA{}"]
    cells = [[forms[place % 3].format(number)] for place, number in enumerate(ids)]
    rows, bad = read(write_rows([["profile"], *cells]))
    assert [row.person.profile_urn for row in rows] == [
        f"urn:li:fsd_profile:ACoAA{each}" for each in dict.fromkeys(ids)
    ]
    assert len(rows) + len(bad) == len(ids)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=12))
@example("size")
@example("first")
@example("empty")
@example("blank")
@example("true")
@example("nil")
@example("and")
@example("contains")
@example("limit")
@example("Straße & Ort")
@example("\u00b2")
def test_a_template_can_use_every_custom_name(column: str) -> None:
    """The variable of a column, whatever its heading, can be used in a template, and shows the cell."""
    if name := custom_name(column):
        template = parse_template(f"{{{{ custom.{name} }}}}", columns=[name])
        assert template.variables == (f"custom.{name}",)
        assert template.render(values_of(ANNA, {name: "x"}, SharedValues(None, None, None))) == "x"
        assert custom_name(name) == name
