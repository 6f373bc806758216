"""`GET /v1/audit`: who did what."""

from confrere.domain.audit import COMMAND_LINE, Actor, ActorKind
from confrere.domain.keys import Scope
from confrere.domain.users import Rights, Role
from tests.contract.api.conftest import Api
from tests.contract.api.management import calling


async def test_the_log_is_read_page_by_page(api: Api) -> None:
    """An admin reads all entries, newest first, with who acted from where; a page ends where the next begins."""
    logins = api.services.logins
    _, token = await logins.invite("default", Rights(Role.OWNER), COMMAND_LINE)
    browser = Actor(ActorKind.NOBODY, None, "192.0.2.1", "request-1")
    await logins.redeem(token, browser, name="Odile", password="correct horse battery")
    user = (await logins.list_users("default"))[0]
    async with calling(api, Scope.ADMIN) as caller:
        page = await caller.get("/audit?limit=1")
        assert page["items"] == [
            {
                "number": 2,
                "at": page["items"][0]["at"],
                "action": "user_joined",
                "actor": {"kind": "user", "id": user.id, "address": "192.0.2.1"},
                "subject": user.id,
                "detail": "owner",
                "requestId": "request-1",
            }
        ]
        rest = await caller.get(f"/audit?cursor={page['nextCursor']}")
        assert [item["number"] for item in rest["items"]] == [1]
        assert rest["items"][0]["actor"] == {"kind": "command_line", "id": None, "address": None}
        assert rest["nextCursor"] is None


async def test_a_cursor_of_another_list_is_refused(api: Api) -> None:
    """A cursor that this list has not made is named; the log of another workspace is empty."""
    await api.services.logins.invite("default", Rights(Role.OWNER), COMMAND_LINE)
    async with calling(api, Scope.ADMIN) as caller:
        for cursor in ("AAAA", "_________w8", "-"):
            problem = (await caller.ask("GET", f"/audit?cursor={cursor}")).problem(400, "invalidField")
            assert problem["field"] == "cursor"
    async with calling(api, Scope.ADMIN, workspace_id="another") as stranger:
        assert (await stranger.get("/audit"))["items"] == []
