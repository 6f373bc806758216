"""Exporting and erasing everything about one person over the management API."""

from confrere.domain.keys import Scope
from confrere.domain.person import VanityName
from tests.contract.api.conftest import RECIPIENT, Api
from tests.contract.api.management import calling
from tests.fakes.upstream import BASTIEN

PERSON = f"/people/{RECIPIENT}"


async def test_a_person_is_exported_and_erased(api: Api) -> None:
    """All that is stored is in the export; after the erasure nothing is, and the list keeps the person."""
    store = api.services.store
    await store.add_resolved_person("default", VanityName("bastien-exemple"), BASTIEN, api.services.clock())
    async with calling(api, Scope.ADMIN) as caller:
        before = await caller.get(f"{PERSON}/export")
        assert before["erasedAt"] is None
        assert [one["vanityName"] for one in before["resolvedPeople"]] == ["bastien-exemple"]
        erased = (await caller.ask("POST", f"{PERSON}/erase")).body
        assert erased["erased"] | {"names": 1, "addresses": 1} == erased["erased"]
        assert (erased["doNotContact"], erased["pending"]) == (True, 0)
        again = (await caller.ask("POST", f"{PERSON}/erase")).body
        assert again["erasedAt"] == erased["erasedAt"]
        assert set(again["erased"].values()) == {0}
        added = await caller.ask("POST", "/do-not-contact", json={"recipientProfileUrn": RECIPIENT})
        assert added.body["added"] == 0
        kept = (await caller.ask("DELETE", f"/do-not-contact/{RECIPIENT}")).problem(400, "invalidField")
        assert "was erased on" in kept["detail"]
        after = await caller.get(f"{PERSON}/export")
        assert after["erasedAt"] == erased["erasedAt"]
        assert after["resolvedPeople"] == []
        [entry] = [one for one in (await caller.get("/audit"))["items"] if one["action"] == "person_erased"][:1]
        assert RECIPIENT not in str(entry)


async def test_only_an_admin_exports_and_erases(api: Api) -> None:
    """Every other scope is too little: an export has private replies, and an erasure cannot be undone."""
    async with calling(api, Scope.INBOX) as caller:
        assert (await caller.ask("GET", f"{PERSON}/export")).status == 403
        assert (await caller.ask("POST", f"{PERSON}/erase")).status == 403


async def test_what_is_no_person_is_refused(api: Api) -> None:
    """A malformed URN, and an account of the workspace's own, are named."""
    async with calling(api, Scope.ADMIN) as caller:
        for recipient in ("nobody", api.account.profile_urn):
            problem = (await caller.ask("POST", f"/people/{recipient}/erase")).problem(400, "invalidField")
            assert problem["field"] == "recipient"
