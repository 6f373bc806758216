"""Audiences from CSV tables and from groups over the management API; whole bodies."""

import io
from datetime import timedelta
from typing import Any

import pytest

from confrere.api.v1.audiences import MAX_AUDIENCE_BYTES
from confrere.domain.keys import Scope
from confrere.domain.limits import iso_z
from tests.contract.api.conftest import GROUP, Api
from tests.contract.api.management import Caller, calling
from tests.fakes.upstream import group_member

NOBODY = "0" * 32


def urn(number: int) -> str:
    """A person of a table."""
    return f"urn:li:fsd_profile:ACoAAaudience{number}"


def body(source: object, **more: object) -> dict[str, Any]:
    """A new audience."""
    return {"name": "Buyers", "groupId": GROUP, "source": source, **more}


def table(text: str, **more: object) -> dict[str, Any]:
    """A new audience from a table."""
    return body({"type": "csv", "csv": text, **more})


async def collect(api: Api, caller: Caller, **filters: object) -> Any:
    """An audience of the group, with its first page read."""
    made = await caller.post("/audiences", body({"type": "group", **filters}), 201)
    await work(api)
    return await caller.get(f"/audiences/{made['id']}")


async def work(api: Api) -> None:
    """What the worker does with what is due now."""
    await api.services.collector.run_due()
    await api.services.background.wait_until_idle()


async def people_of(caller: Caller, audience: Any) -> Any:
    """The first page of its people."""
    return (await caller.get(f"/audiences/{audience['id']}/people"))["items"]


async def test_audience_of_a_table(api: Api) -> None:
    """Known columns fill in the person, others become `custom.*`; a bad row is left out and named by its line."""
    text = f"Profile;First name;Company Name\n{urn(1)};Ada;Example Co\nhttps://x.org;;\n{urn(2)};;\n{urn(1)};;\n"
    async with calling(api, Scope.SEND) as caller:
        made = await caller.post("/audiences", table(text), 201)
        assert made == {
            "id": made["id"],
            "name": "Buyers",
            "groupId": GROUP,
            "groupName": None,
            "source": "csv",
            "status": "ready",
            "count": 2,
            "read": 2,
            "total": 2,
            "completesAt": None,
            "whyNot": None,
            "accountId": None,
            "columns": ["company_name"],
            "skipped": 2,
            "errors": [made["errors"][0], {"line": 5, "reason": "person must be somebody else than in line 2"}],
            "createdAt": made["createdAt"],
        }
        assert made["errors"][0]["line"] == 3
        assert made["errors"][0]["reason"].startswith("person must be the address of a profile")
        assert await caller.get(f"/audiences/{made['id']}") == made
        assert (await caller.get("/audiences"))["items"] == [made]
        assert await people_of(caller, made) == [
            {
                "recipientProfileUrn": urn(1),
                "name": "Ada",
                "firstName": "Ada",
                "lastName": None,
                "headline": None,
                "publicIdentifier": None,
                "custom": {"company_name": "Example Co"},
            },
            {
                "recipientProfileUrn": urn(2),
                "name": "",
                "firstName": None,
                "lastName": None,
                "headline": None,
                "publicIdentifier": None,
                "custom": {},
            },
        ]


async def test_dry_run_writes_nothing(api: Api) -> None:
    """It reports who would be in the audience, what each column becomes, and each bad row by its line."""
    text = f"who,job,city\n{urn(1)},Buyer,Lyon\n,,Lyon\n"
    mapping = {"person": "Who", "headline": "job", "custom.town": "city"}
    async with calling(api, Scope.SEND) as caller:
        found = await caller.post("/audiences", table(text, mapping=mapping, dryRun=True))
        assert found == {
            "count": 1,
            "fields": {"person": "who", "headline": "job"},
            "columns": ["town"],
            "skipped": 1,
            "errors": [{"line": 3, "reason": found["errors"][0]["reason"]}],
        }
        assert (await caller.get("/audiences"))["items"] == []


async def test_person_is_found_by_address_among_members_that_were_read(api: Api) -> None:
    """A profile's address, or the name in it, names a member whom a collection of the group has read; nobody else."""
    text = "url\nhttps://www.linkedin.com/in/Member-7/?x=y\nmember-3\nsomebody\n"
    async with calling(api, Scope.SEND) as caller:
        problem = (await caller.ask("POST", "/audiences", json=table(text))).problem(400, "invalidRows")
        assert [fault["line"] for fault in problem["errors"]] == [2, 3, 4]
        assert "as far as it was read" in problem["errors"][0]["detail"]
        assert (await caller.get("/audiences"))["items"] == []
        await collect(api, caller, headlineContains="nobody has this")
        made = await caller.post("/audiences", table(text), 201)
        assert (made["count"], made["groupName"], [bad["line"] for bad in made["errors"]]) == (2, "Logistics", [4])
        [first, second] = await people_of(caller, made)
        assert first == {
            "recipientProfileUrn": group_member(7).profile_urn,
            "name": "Bastien Exemple 7",
            "firstName": "Bastien",
            "lastName": "Exemple 7",
            "headline": "Head of Procurement",
            "publicIdentifier": "member-7",
            "custom": {},
        }
        assert second["publicIdentifier"] == "member-3"


async def test_audience_of_a_group_is_collected_by_the_worker(api: Api) -> None:
    """It says how far it is and when it will be complete; then it is ready, and everybody is in it once."""
    async with calling(api, Scope.SEND) as caller:
        made = await caller.post("/audiences", body({"type": "group"}, accountId=api.account.id), 201)
        collecting = {
            "id": made["id"],
            "name": "Buyers",
            "groupId": GROUP,
            "groupName": None,
            "source": "group",
            "status": "collecting",
            "count": 0,
            "read": 0,
            "total": None,
            "completesAt": None,
            "whyNot": None,
            "accountId": api.account.id,
            "columns": [],
            "skipped": 0,
            "errors": [],
            "createdAt": made["createdAt"],
        }
        assert made == collecting
        await work(api)
        half = await caller.get(f"/audiences/{made['id']}")
        first_page = {"count": 100, "read": 100, "total": 120, "groupName": "Logistics"}
        assert half == {**collecting, **first_page, "completesAt": half["completesAt"]}
        assert half["completesAt"] is not None
        claimed = await api.services.store.claim_collections(
            api.services.clock() + timedelta(minutes=1),
            count=1,
            lease_until=api.services.clock() + timedelta(minutes=2),
        )
        await api.services.store.put_collection_off(claimed[0], until=api.services.clock(), fault=None)
        await work(api)
        whole = await caller.get(f"/audiences/{made['id']}")
        assert whole == {**collecting, **first_page, "status": "ready", "count": 120, "read": 120}
        assert len({one["recipientProfileUrn"] for one in await people_of(caller, made)}) == 50


async def test_collection_says_why_it_waits(api: Api) -> None:
    """In the words of a campaign that waits: reason, time, remedy; and a campaign cannot be checked meanwhile."""
    async with calling(api, Scope.ADMIN) as caller:
        made = await caller.post("/audiences", body({"type": "group"}), 201)
        await caller.ask("PATCH", f"/accounts/{api.account.id}", json={"enabled": False})
        waiting = await caller.get(f"/audiences/{made['id']}")
        remedy = "Enable the account: `confrere accounts enable`"
        assert waiting["whyNot"] == {"reason": "account_error", "until": None, "remedy": remedy}
        draft = {"name": "Spring", "audienceId": made["id"], "text": "Hello"}
        campaign = await caller.post("/campaigns", draft, 201)
        for verb, sent in (("check", None), ("start", {"contentHash": "x"})):
            answer = await caller.ask("POST", f"/campaigns/{campaign['id']}/{verb}", json=sent)
            assert "still being collected" in answer.problem(409, "audienceNotReady")["detail"]
        assert (await caller.get(f"/campaigns/{campaign['id']}"))["status"] == "draft"


async def test_used_up_day_is_shown_with_its_end(api: Api) -> None:
    """With no units left the collection waits for midnight."""
    async with calling(api, Scope.SEND) as caller:
        api.upstream.places = [group_member(number) for number in range(1_200)]
        for _ in range(10):
            await caller.http.post(
                f"{api.url}/linkedin/groups/members", json={"groupId": GROUP, "count": 100, "accountId": api.account.id}
            )
        made = await collect(api, caller)
        now = api.services.clock()
        midnight = iso_z(now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1))
        assert (made["whyNot"]["reason"], made["whyNot"]["until"]) == ("day_used_up", midnight)


async def test_people_are_added(api: Api) -> None:
    """Who is new is added at the end, who was in it stays; nobody is added if one id is bad."""
    async with calling(api, Scope.SEND) as caller:
        made = await caller.post("/audiences", table(f"urn\n{urn(1)}\n"), 201)
        path = f"/audiences/{made['id']}/people"
        added = await caller.post(path, {"recipientProfileUrns": [urn(2), urn(1), urn(2), "ACoAAaudience3"]})
        assert added == {"added": 2, "alreadyIn": 1}
        found = [one["recipientProfileUrn"] for one in await people_of(caller, made)]
        assert found == [urn(1), urn(2), urn(3)]
        assert (await caller.get(f"/audiences/{made['id']}"))["count"] == 3
        answer = await caller.ask("POST", path, json={"recipientProfileUrns": [urn(4), "bo"]})
        assert [fault["field"] for fault in answer.problem(400, "invalidField")["errors"]] == [
            "recipientProfileUrns[1]"
        ]
        assert (await caller.get(f"/audiences/{made['id']}"))["count"] == 3


async def test_audience_is_deleted_unless_a_draft_needs_it(api: Api) -> None:
    """A draft keeps its audience; a campaign that was started has its own people."""
    async with calling(api, Scope.ADMIN) as caller:
        made = await caller.post("/audiences", table(f"urn\n{urn(1)}\n"), 201)
        path = f"/audiences/{made['id']}"
        campaign = await caller.post("/campaigns", {"name": "Spring", "audienceId": made["id"], "text": "Hello"}, 201)
        problem = (await caller.ask("DELETE", path)).problem(409, "audienceInUse")
        assert problem["detail"] == "The campaign 'Spring', which is draft, is for this audience: archive or stop it"
        checked = await caller.post(f"/campaigns/{campaign['id']}/check")
        await caller.post(f"/campaigns/{campaign['id']}/start", {"contentHash": checked["contentHash"]})
        assert (await caller.ask("DELETE", path)).status == 204
        for method, gone in (("GET", path), ("GET", f"{path}/people"), ("DELETE", path)):
            (await caller.ask(method, gone)).problem(404, "notFound")
        answer = await caller.ask("POST", f"{path}/people", json={"recipientProfileUrns": [urn(1)]})
        answer.problem(404, "notFound")
        assert (await caller.get("/audiences"))["items"] == []
        [kept] = (await caller.get(f"/campaigns/{campaign['id']}/people"))["items"]
        assert kept["recipientProfileUrn"] == urn(1)


async def test_isolation_another_workspace_changes_nothing(api: Api) -> None:
    """Its keys can neither add to nor delete the audience, and find nobody by what this workspace has read."""
    async with calling(api, Scope.ADMIN) as caller, calling(api, Scope.ADMIN, workspace_id="another") as stranger:
        made = await collect(api, caller)
        path = f"/audiences/{made['id']}"
        (await stranger.ask("DELETE", path)).problem(404, "notFound")
        answer = await stranger.ask("POST", f"{path}/people", json={"recipientProfileUrns": [urn(1)]})
        answer.problem(404, "notFound")
        (await stranger.ask("POST", "/audiences", json=table("url\nmember-3\n"))).problem(400, "invalidRows")
        answer = await stranger.ask("POST", "/audiences", json=body({"type": "group"}, accountId=api.account.id))
        answer.problem(404, "notFound")
        assert await caller.get(path) == made


@pytest.mark.parametrize(
    ("source", "field", "words"),
    [
        ({"type": "csv"}, "source.csv", "text of a CSV table"),
        ({"type": "csv", "csv": " "}, "source.csv", "text of a CSV table"),
        ({"type": "csv", "csv": "name\nAda\n"}, "source.csv", "has no column that names people"),
        ({"type": "csv", "csv": 'url\n"x\n'}, "source.csv", "cannot be read as CSV from line 2"),
        ({"type": "csv", "csv": "url", "mapping": ["url"]}, "source.mapping", "must be an object"),
        ({"type": "csv", "csv": "url", "mapping": {"person": 5}}, "source.mapping", "must be an object"),
        ({"type": "csv", "csv": "url", "mapping": {"firstName": "x"}}, "mapping", "must name columns of the table"),
        ({"type": "csv", "csv": "url", "dryRun": "yes"}, "source.dryRun", "true or false"),
        ({"type": "group", "membershipStatuses": ["BOSS"]}, "source.membershipStatuses", "OWNER, MANAGER"),
        ({"type": "group", "headlineContains": 5}, "source.headlineContains", "printable text"),
        ({"type": "group", "nameContains": "x" * 201}, "source.nameContains", "200 characters"),
        ({"type": "group", "relationship": "FRIEND"}, "source.relationship", "SELF, CONNECTION"),
        ({"type": "group", "relationship": []}, "source.relationship", "SELF, CONNECTION"),
        ({"type": "group", "premium": 1}, "source.premium", "true or false"),
        ({"type": "group", "max": 0}, "source.max", "from 1 to"),
    ],
)
async def test_bad_source_is_refused(api: Api, source: dict[str, Any], field: str, words: str) -> None:
    """The field is named with the remedy, and nothing is written."""
    async with calling(api, Scope.SEND) as caller:
        problem = (await caller.ask("POST", "/audiences", json=body(source))).problem(400, "invalidField")
        assert problem["field"] == field
        assert words in problem["detail"]
        assert (await caller.get("/audiences"))["items"] == []


async def test_table_has_room_that_other_bodies_have_not(api: Api) -> None:
    """A table may have 32 MiB; above that the answer says so."""
    async with calling(api, Scope.SEND) as caller:
        rows = "".join(f"{urn(number)},{'x' * 200}\n" for number in range(1_000))
        made = await caller.post("/audiences", table(f"urn,about\n{rows}"), 201)
        assert made["count"] == 1_000
        answer = await caller.ask("POST", "/audiences", data=io.BytesIO(b" " * (MAX_AUDIENCE_BYTES + 1)))
        assert "32 MiB" in answer.problem(413, "bodyTooLarge")["detail"]
