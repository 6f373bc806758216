"""People: by the addresses of their profiles, and all that is stored about one."""

from confrere_client.arguments import check_optional_text, check_text
from confrere_client.calls import Call, path_part, read_as
from confrere_client.campaign_models import PersonOverview
from confrere_client.models import Person, PersonErased
from confrere_client.resource import E, Resource, method


class People(Resource[E]):
    """People on LinkedIn."""

    @method
    def resolve(self, profile_url: str, *, account_id: str | None = None) -> Call[Person]:
        """Find the person at a profile's address, whose `profile_urn` a send takes. LinkedIn is read once.

        profile_url:  or the name at its end.
        Raises:       NotFound, where LinkedIn knows nobody of this name.
        """
        check_text("profile_url", profile_url)
        check_optional_text("account_id", account_id)
        body = {"profileUrl": profile_url, "accountId": account_id}
        return Call("POST", "/v1/people/resolve", read_as(Person), body=body, at_root=True)

    @method
    def get(self, recipient: str) -> Call[PersonOverview]:
        """Read what the workspace has of a person: campaigns, sends, opt-out and hold. LinkedIn is not read."""
        return Call("GET", f"/v1/people/{path_part('recipient', recipient)}", read_as(PersonOverview), at_root=True)

    @method
    def export(self, recipient: str) -> Call[object]:
        """Return everything that is stored about a person, as the JSON of the API. The key needs the scope `admin`."""
        path = f"/v1/people/{path_part('recipient', recipient)}/export"
        return Call("GET", path, lambda value, _: value, at_root=True)

    @method
    def erase(self, recipient: str) -> Call[PersonErased]:
        """Erase everything about a person, for good; it can be repeated. The key needs the scope `admin`."""
        path = f"/v1/people/{path_part('recipient', recipient)}/erase"
        return Call("POST", path, read_as(PersonErased), at_root=True)
