"""The CSV table of an audience: who is in it, and what of them goes into `custom.*` variables."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from confrere.domain.campaigns.template_values import CUSTOM
from confrere.domain.csv_table import CsvRow, CsvTable
from confrere.domain.errors import InvalidField
from confrere.domain.opt_out_csv import MAX_BAD_ROWS, BadRow
from confrere.domain.person import Person, VanityName, parse_person
from confrere.domain.urns import ProfileUrn, trimmed

MAX_CUSTOM_COLUMNS: Final = 50
MAX_CELL_CHARACTERS: Final = 2_000

PERSON: Final = "person"
KNOWN_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    PERSON: (
        *("recipientProfileUrn", "profileUrn", "profileUrl", "profile url", "linkedin profile url", "linkedin profile"),
        *(
            "linkedin url",
            "linkedinUrl",
            "linkedin_url",
            "linkedin",
            "publicIdentifier",
            "public identifier",
            "profile",
        ),
        *("profile_url", "urn", "url"),
    ),
    "firstName": ("firstName", "first name", "first_name", "given name"),
    "lastName": ("lastName", "last name", "last_name", "surname", "family name"),
    "headline": ("headline",),
}
"""The columns that are taken for each field where the mapping names none, in any case; the first that is there."""

FindMember = Callable[[ProfileUrn | VanityName], Person | None]
"""Finds a member of the group in what was read of its list. A VanityName is in lower case."""

_NO_NAME: Final = re.compile(r"(?:\W|[\U00010000-\U0010ffff])+")
"""What Liquid takes in no name after a full stop."""

_KEYWORD: Final = re.compile(
    "true|false|nil|null|empty|blank|and|or|not|contains|in|offset|limit|reversed|cols|continue|with|for|as|if|else"
    "|required"
)
"""What Liquid reads otherwise, also after a full stop."""

NOT_LISTED: Final = (
    "must be in the group's member list, as far as it was read, where it is given by the name in a profile's "
    "address; give the profile URN, or resolve the address with POST /v1/people/resolve"
)
_SURPLUS: Final = "has more cells than there are columns; put quotation marks around a cell that holds the separator"


@dataclass(frozen=True, slots=True)
class AudienceRow:
    """A person of the table. `custom`: by the name after `custom.`, blank ones left out."""

    line: int
    person: Person
    custom: Mapping[str, str]


class AudienceTable:
    """The people of a CSV table, each once, read as they are iterated over.

    file:      seekable, as `CsvTable` reads it.
    mapping:   fields to columns: `person`, `firstName`, `lastName`, `headline`, `custom.<name>`; fields that it does
               not name are found by KNOWN_COLUMNS, and every other column becomes `custom.<its name>`.
    name:      of the table in errors.
    Raises:    InvalidField, here and while iterating, where it cannot be read as such a table.
    """

    def __init__(
        self, file: BinaryIO, find_member: FindMember, *, mapping: Mapping[str, str] | None = None, name: str = "csv"
    ) -> None:
        mapping = mapping or {}
        self._find_member = find_member
        self._table = _open_table(file, mapping, name)
        self._fields, self._custom = _assign_columns(self._table.columns, mapping, name)
        self.fields: Final[Mapping[str, str]] = self._fields
        """The column of each field that has one."""
        self.columns: Final = tuple(self._custom.values())
        """The names after `custom.`."""
        self.bad: list[BadRow] = []
        """Of the rows so far, the first MAX_BAD_ROWS of `bad_count` that name nobody, or somebody again."""
        self.bad_count = 0

    def __iter__(self) -> Iterator[AudienceRow]:
        """Every person, in the table's order."""
        first_lines: dict[str, int] = {}
        for found in self._table:
            try:
                row = self._parsed(found, first_lines)
            except InvalidField as fault:
                self.bad_count += 1
                if len(self.bad) < MAX_BAD_ROWS:
                    self.bad.append(BadRow(found.line, str(fault)))
            else:
                yield row

    def _parsed(self, found: CsvRow, first_lines: dict[str, int]) -> AudienceRow:
        if found.surplus:
            raise InvalidField("row", _SURPLUS)
        given = {field: value for field, column in self._fields.items() if (value := _cell(found, column))}
        custom = {name: value for column, name in self._custom.items() if (value := _cell(found, column))}
        named = parse_person(given.get(PERSON, ""), field=PERSON)
        member = self._find_member(VanityName(named.lower()) if isinstance(named, VanityName) else named)
        if member is None:
            if isinstance(named, VanityName):
                raise InvalidField(PERSON, NOT_LISTED)
            member = Person(named)
        if (before := first_lines.setdefault(member.profile_urn, found.line)) != found.line:
            raise InvalidField(PERSON, f"must be somebody else than in line {before}")
        person = Person(
            member.profile_urn,
            member.public_id,
            given.get("firstName", member.first_name),
            given.get("lastName", member.last_name),
            given.get("headline", member.headline),
        )
        return AudienceRow(found.line, person, custom)


def custom_name(column: str) -> str:
    """Return the name after `custom.` of a column: `Company Name` is `company_name`. "" where it has no letter."""
    name = _NO_NAME.sub("_", column.lower()).strip("_")
    return f"c_{name}" if name[:1].isdigit() or _KEYWORD.fullmatch(name) else name


def _open_table(file: BinaryIO, mapping: Mapping[str, str], name: str) -> CsvTable:
    """Open it by the first column that names people: the separator is found by it."""
    spellings = (mapping[PERSON],) if PERSON in mapping else KNOWN_COLUMNS[PERSON]
    start = file.tell()
    for spelling in spellings:
        try:
            return CsvTable(file, needs=[spelling], name=name)
        except InvalidField as fault:
            if "has no column" not in str(fault) or PERSON in mapping:
                raise
            file.seek(start)
    some = ", ".join(spellings[:3])
    raise InvalidField(
        name, f"has no column that names people, such as {some}; name it in mapping: {{{PERSON}: <column>}}"
    )


def _assign_columns(
    columns: tuple[str, ...], mapping: Mapping[str, str], name: str
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The column of each field, and the custom name of each other column."""
    fields: dict[str, str] = {}
    custom: dict[str, str] = {}
    for field, wanted in mapping.items():
        column = trimmed(wanted).lower()
        if column not in columns:
            raise InvalidField("mapping", f"must name columns of the table for {field}; it has {', '.join(columns)}")
        if field in KNOWN_COLUMNS:
            fields[field] = column
        elif field.startswith(f"{CUSTOM}.") and custom_name(field.partition(".")[2]) == field.partition(".")[2]:
            custom[column] = field.partition(".")[2]
        else:
            known = ", ".join(KNOWN_COLUMNS)
            raise InvalidField(
                "mapping", f"must have the fields {known} and {CUSTOM}.<name in lower case>, not {field}"
            )
    for field, spellings in KNOWN_COLUMNS.items():
        free = (each.lower() for each in spellings if each.lower() in columns and each.lower() not in custom)
        if field not in fields and (found := next(free, None)):
            fields[field] = found
    for column in columns:
        if column not in custom and column not in fields.values() and (own := custom_name(column)):
            custom[column] = own
    _check_distinct(columns, custom, name)
    return fields, custom


def _check_distinct(columns: tuple[str, ...], custom: Mapping[str, str], name: str) -> None:
    names = [custom[column] for column in columns if column in custom]
    if doubled := next((each for each in names if names.count(each) > 1), None):
        raise InvalidField(name, f"has two columns that would be {CUSTOM}.{doubled}; rename one of them")
    if len(names) > MAX_CUSTOM_COLUMNS:
        raise InvalidField(name, f"must have at most {MAX_CUSTOM_COLUMNS} columns beside the known ones")


def _cell(row: CsvRow, column: str) -> str:
    value = row.cells[column].strip()
    if len(value) > MAX_CELL_CHARACTERS:
        raise InvalidField(column, f"must be at most {MAX_CELL_CHARACTERS:,} characters long, but has {len(value):,}")
    return value
