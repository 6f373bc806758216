"""LinkedIn accounts, and the ledger of their sends."""

from datetime import datetime

from confrere_client.calls import Call, field_of, path_part, read_as
from confrere_client.decoding import decode, decode_list
from confrere_client.models import Account, AccountStatus, Quota, SendRecord
from confrere_client.pages import CursorPage, CursorPages, Pages, read_page
from confrere_client.resource import E, Resource, listing, method

SENDS_PAGE = 100


class Accounts(Resource[E]):
    """The workspace's LinkedIn accounts."""

    @method
    def list(self, q: str | None = None) -> Call[tuple[Account, ...]]:
        """List all accounts, or those whose name, public id, id or profile URL matches `q`."""
        return Call("GET", "/accounts", lambda value, _: decode_list(Account, value), {"q": q})

    @method
    def status(self, account_id: str | None = None) -> Call[AccountStatus]:
        """Read an account's status; without an id, that of the most recently used one. Raises NotFound."""
        return Call("GET", "/account/status", read_as(AccountStatus), {"accountId": account_id or None})

    @method
    def quota(self, account_id: str) -> Call[tuple[Quota, ...]]:
        """Read an account's quotas."""
        path = f"/account/{path_part('account_id', account_id)}/quota"
        return Call("GET", path, lambda value, _: decode_list(Quota, field_of(value, "quotas")))

    @listing
    def sends(
        self,
        account_id: str,
        *,
        outcome: str | None = None,
        group_id: str | None = None,
        recipient: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        page_size: int = SENDS_PAGE,
    ) -> Pages[CursorPage[SendRecord], SendRecord]:
        """Iterate over the account's sends, newest first, page by page. since, until: aware datetimes."""
        query = {
            "outcome": outcome,
            "groupId": group_id,
            "recipient": recipient,
            "since": since,
            "until": until,
            "limit": page_size,
        }

        def request_page(cursor: str | None) -> Call[CursorPage[SendRecord]]:
            path = f"/account/{path_part('account_id', account_id)}/sends"
            read = read_page(SendRecord, items="sends", account_id="accountId")
            return Call("GET", path, read, {**query, "cursor": cursor})

        return CursorPages(request_page)


class Sends(Resource[E]):
    """The ledger of sends."""

    @method
    def get(self, send_id: str) -> Call[SendRecord]:
        """Read one send with its text. Raises NotFound."""
        return Call(
            "GET",
            f"/sends/{path_part('send_id', send_id)}",
            lambda value, _: decode(SendRecord, field_of(value, "send"), account_id=field_of(value, "accountId")),
        )
