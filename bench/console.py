"""How long the console's pages take, with a long ledger and a campaign of many people."""

import asyncio
import http.client
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles

from bench.processes import gateway
from bench.stores import WORKSPACE, BenchStore, big_store
from confrere.domain.campaigns.audience import AudiencePerson
from confrere.domain.person import Person
from confrere.domain.send import SendFilter
from confrere.domain.urns import GroupId, ProfileUrn
from confrere.domain.users import LINK_LIFETIME, Rights, Role
from confrere.linkedin import LinkedInClient
from confrere.services import Services, build_services
from confrere.store import Vault, open_store

ACCOUNTS = 100
"""An agency's, each of which has sent its 150 a day for most of a year."""

PATHS: Mapping[str, str] = {
    "overview": "/console",
    "accounts": "/console/accounts",
    "an account": "/console/accounts/{account}",
    "sends": "/console/sends",
    "sends, an old page": "/console/sends?before={old_send}",
    "sends of an account": "/console/sends?account={account}",
    "refused sends": "/console/sends?outcome=refused",
    "unknown sends": "/console/sends?outcome=unknown",
    "sends to a person": "/console/sends?recipient={recipient}",
    "audit": "/console/audit",
    "campaigns": "/console/campaigns",
    "a campaign": "/console/campaigns/{campaign}",
    "audiences": "/console/audiences",
    "an audience": "/console/audiences/{audience}",
    "replies": "/console/replies",
    "do not contact": "/console/do-not-contact",
}
"""The pages; one that does not exist is left out."""

_MEASURED = 40


@dataclass
class PageTimes:
    """Milliseconds of each request. health: of `/health` of the same server, between them."""

    cold: float = 0.0
    pages: dict[str, list[float]] = field(default_factory=dict)
    health: list[float] = field(default_factory=list)

    @property
    def slowest_p95(self) -> float:
        """The greatest 95th percentile of all pages."""
        return max(_p95(times) for times in self.pages.values())

    def as_json(self) -> dict[str, object]:
        """Medians and 95th percentiles in milliseconds."""
        return {
            "cold": round(self.cold, 1),
            "health": round(median(self.health), 2),
            "pages": {
                name: {"p50": round(median(times), 1), "p95": round(_p95(times), 1)}
                for name, times in self.pages.items()
            },
        }

    def as_lines(self, sends: int, members: int) -> list[str]:
        """A table in Markdown."""
        health = median(self.health)
        lines = [
            "",
            f"| console: {sends:,} sends, {members:,} members | p50 ms | p95 ms | p50, times `/health` |",
            "|---|---|---|---|",
            f"| overview, first page after the start | {self.cold:.0f} | | |",
        ]
        for name, times in self.pages.items():
            middle = median(times)
            lines.append(f"| {name} | {middle:.1f} | {_p95(times):.1f} | {middle / health:.0f} |")
        return lines


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1]


def measure_console(linkedin: str, *, sends: int, members: int) -> PageTimes:
    """Ask a server on SQLite for each page in turn, as one browser does, and for its health between."""
    store = big_store(accounts=ACCOUNTS, rows=sends)
    names, token = asyncio.run(_prepare(store, members))
    times = PageTimes()
    with gateway("console", store, linkedin) as server, closing(_connect(server.urls[0])) as connection:
        reply = _ask(connection, f"/console/enter?token={token}", "")
        cookie = "; ".join(value.partition(";")[0] for name, value in reply.headers if name == "set-cookie")
        times.cold = _ask(connection, "/console", cookie).milliseconds
        paths = {name: path.format(**names) for name, path in PATHS.items()}
        paths = {name: path for name, path in paths.items() if _ask(connection, path, cookie).status == 200}
        for _ in range(_MEASURED):
            for name, path in paths.items():
                times.pages.setdefault(name, []).append(_ask(connection, path, cookie).milliseconds)
                times.health.append(_ask(connection, "/health", "").milliseconds)
    return times


@dataclass(frozen=True)
class _Reply:
    status: int
    headers: Sequence[tuple[str, str]]
    milliseconds: float


def _connect(address: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(address, timeout=60)


def _ask(connection: http.client.HTTPConnection, path: str, cookie: str) -> _Reply:
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    took = (time.perf_counter() - began) * 1_000
    return _Reply(answer.status, [(name.lower(), value) for name, value in answer.getheaders()], took)


async def _prepare(store: BenchStore, members: int) -> tuple[dict[str, str], str]:
    """Return what stands in paths, and the token of a link. The campaign of many people is made once."""
    opened = await open_store(store.url, vault=Vault.from_file(store.folder / "secret.key"))
    services = build_services(
        store=opened,
        upstream=LinkedInClient("http://127.0.0.1:9"),
        clock=lambda: datetime.now(UTC),
        gap=timedelta(minutes=2),
    )
    try:
        if not await services.campaigns.list_page(WORKSPACE, count=1):
            await _start_campaign(services, members)
        [state] = await services.campaigns.list_page(WORKSPACE, count=1)
        [send] = await services.history.search(WORKSPACE, None, SendFilter(), before_id=None, count=1)
        names = {
            "account": send.account_id,
            "old_send": f"{int((time.time() - 180 * 86_400) * 1_000):012x}" + "7" * 20,
            "recipient": send.recipient,
            "campaign": state.campaign.id,
            "audience": state.campaign.audience_id,
        }
        token = await services.logins.invite_to_enter(WORKSPACE, "Bench", Rights(Role.OWNER, inbox=True), LINK_LIFETIME)
        return names, token
    finally:
        await services.close()


async def _start_campaign(services: Services, members: int) -> None:
    people = [
        AudiencePerson(Person(ProfileUrn(f"urn:li:fsd_profile:ACoAAmember{number:028d}"), None, "Bench", str(number)))
        for number in range(members)
    ]
    audience = await services.audiences.create(WORKSPACE, name="Members", group_id=GroupId("12345678"), people=people)
    state = await services.campaigns.create(
        WORKSPACE, name="Spring", audience_id=audience.id, text="Hello {{ firstName }}, just write stop."
    )
    await services.campaigns.start(WORKSPACE, state.campaign.id)
