"""Audiences: named lists of people of one group."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from confrere_client.arguments import check_group, check_optional_text, check_text, read_texts
from confrere_client.calls import Call, path_part, read_as
from confrere_client.campaign_models import Audience, AudienceMember, PeopleAdded, TableCheck
from confrere_client.pages import CursorPage, Pages, list_managed
from confrere_client.resource import E, Resource, listing, method

T = TypeVar("T")

PATH = "/v1/audiences"
PAGE = 200


class Audiences(Resource[E]):
    """The audiences of campaigns. Making one takes a key with the scope `send`."""

    @method
    def create(self, *, name: str, group_id: str | int, recipients: Sequence[str]) -> Call[Audience]:
        """Write an audience of these people; somebody who is given twice is in it once.

        recipients:  profile URNs. If one cannot be used, nothing is written.
        """
        return _create(
            Audience, name, group_id, {"type": "ids", "recipientProfileUrns": read_texts("recipients", recipients)}
        )

    @method
    def import_csv(
        self, *, name: str, group_id: str | int, csv: str, mapping: Mapping[str, str] | None = None
    ) -> Call[Audience]:
        """Write an audience of the people in a table; its further columns become `custom.*` variables.

        csv:      the table itself, with the names of its columns. Rows that cannot be used are left out.
        mapping:  a column for each of `person`, `firstName`, `lastName`, `headline` and `custom.<name>`; None: by the
                  columns' own names.
        """
        return _create(Audience, name, group_id, _table(csv, mapping))

    @method
    def check_csv(self, *, group_id: str | int, csv: str, mapping: Mapping[str, str] | None = None) -> Call[TableCheck]:
        """Find out what an audience of a table would have, and which rows cannot be used. Nothing is written."""
        return _create(TableCheck, "check", group_id, {**_table(csv, mapping), "dryRun": True})

    @method
    def collect(
        self,
        *,
        name: str,
        group_id: str | int,
        membership_statuses: Sequence[str] | None = None,
        headline_contains: str | None = None,
        name_contains: str | None = None,
        relationship: str | None = None,
        premium: bool | None = None,
        max_people: int | None = None,
        account_id: str | None = None,
    ) -> Call[Audience]:
        """Write an audience of the group's members, which the server reads page by page, within its daily quota.

        `get` has the progress: the audience is `collecting` until it is `ready`.
        """
        source = {
            "type": "group",
            "membershipStatuses": read_texts("membership_statuses", membership_statuses),
            "headlineContains": headline_contains,
            "nameContains": name_contains,
            "relationship": relationship,
            "premium": premium,
            "max": max_people,
        }
        return _create(Audience, name, group_id, source, account_id)

    @listing
    def list(self) -> Pages[CursorPage[Audience], Audience]:
        """Iterate over the workspace's audiences, newest first."""
        return list_managed(Audience, PATH)

    @method
    def get(self, audience_id: str) -> Call[Audience]:
        """Read one audience. Raises NotFound."""
        return Call("GET", _path(audience_id), read_as(Audience), at_root=True)

    @listing
    def people(self, audience_id: str, *, page_size: int = PAGE) -> Pages[CursorPage[AudienceMember], AudienceMember]:
        """Iterate over an audience's people, in the order in which they were added."""
        return list_managed(AudienceMember, lambda: f"{_path(audience_id)}/people", {"limit": page_size})

    @method
    def add_people(self, audience_id: str, recipients: Sequence[str]) -> Call[PeopleAdded]:
        """Add people by their profile URNs. If one cannot be used, none is added."""
        body = {"recipientProfileUrns": read_texts("recipients", recipients)}
        return Call("POST", f"{_path(audience_id)}/people", read_as(PeopleAdded), body=body, at_root=True)

    @method
    def delete(self, audience_id: str) -> Call[None]:
        """Delete an audience; campaigns that were started keep their people."""
        return Call("DELETE", _path(audience_id), lambda _value, _facts: None, changes=True, at_root=True)


def _table(csv: str, mapping: Mapping[str, str] | None) -> Mapping[str, object]:
    check_text("csv", csv)
    return {"type": "csv", "csv": csv, "mapping": mapping}


def _create(
    kind: type[T], name: str, group_id: str | int, source: Mapping[str, object], account_id: str | None = None
) -> Call[T]:
    check_text("name", name)
    check_group("group_id", group_id)
    check_optional_text("account_id", account_id)
    given = {field: value for field, value in source.items() if value is not None}
    body = {"name": name, "groupId": str(group_id), "accountId": account_id, "source": given}
    return Call("POST", PATH, read_as(kind), body=body, changes=True, at_root=True)


def _path(audience_id: str) -> str:
    return f"{PATH}/{path_part('audience_id', audience_id)}"
