"""Pull the plug: a campaign of 60, and a server that is killed three times in its midst and started again.

The judge stands outside: it knows what LinkedIn has, by the sandbox's control, and what the server says, by `/v1`.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import msgspec

from confrere.demo.stage import DemoFailed, Stage, build_stage

PEOPLE: Final = 60
KILLS: Final = 3
MOST_SECONDS: Final = 100
"""After which the demonstration is given up."""

_LINKEDIN_SECONDS: Final = 0.12
"""How long LinkedIn takes for a message: a kill then comes while it has one in its hands."""

_KILL_AFTER_SECONDS: Final = 0.06
_LOOK_SECONDS: Final = 0.05
_TEXT: Final = "Hello {{ firstName | default: 'there' }}, this is a message of the demonstration. Just write stop."


class PersonSeen(msgspec.Struct, frozen=True, rename="camel"):
    """Somebody of the campaign.

    messages:  how many LinkedIn has for them.  status: what the server says; "" where it was not asked.
    """

    name: str
    messages: int
    status: str = ""


class Kill(msgspec.Struct, frozen=True, rename="camel"):
    """The server was killed when LinkedIn had so many messages. down_seconds: until it answered again."""

    messages: int
    down_seconds: float | None = None


class Promise(msgspec.Struct, frozen=True):
    """A promise, and whether it was kept."""

    text: str
    holds: bool
    detail: str


class PlugState(msgspec.Struct, frozen=True, rename="camel"):
    """How far the demonstration is. promises: none before its end."""

    step: str
    seconds: float
    people: Sequence[PersonSeen] = ()
    kills: Sequence[Kill] = ()
    promises: Sequence[Promise] = ()

    @property
    def messages(self) -> int:
        """How many messages LinkedIn has."""
        return sum(person.messages for person in self.people)

    @property
    def is_over(self) -> bool:
        """Whether it is judged."""
        return bool(self.promises)

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return self.is_over and all(promise.holds for promise in self.promises)


def pull_the_plug() -> Iterator[PlugState]:
    """Run it, and report whenever something has changed; the last report has the promises.

    Raises: DemoFailed, SandboxUnavailable.
    """
    began = time.monotonic()
    yield PlugState("Starting a LinkedIn of its own, and a server", 0.0)
    with build_stage() as stage:
        run = _Run(stage, began)
        yield run.state("Preparing a campaign")
        run.prepare()
        yield from run.perform()


class _Run:
    """One run. people: names by profile URN."""

    def __init__(self, stage: Stage, began: float) -> None:
        self._stage = stage
        self._began = began
        self._people: dict[str, str] = {}
        self._kills: list[Kill] = []
        self._account_id = self._campaign_id = ""
        self._seen: Counter[str] = Counter()

    def state(self, step: str, statuses: Mapping[str, str] | None = None) -> PlugState:
        """Return the present state."""
        people = [
            PersonSeen(name, self._seen[urn], (statuses or {}).get(urn, "")) for urn, name in self._people.items()
        ]
        return PlugState(step, round(time.monotonic() - self._began, 1), people, list(self._kills))

    def prepare(self) -> None:
        """Draft the campaign, and have LinkedIn take its time."""
        stage = self._stage
        stage.start_server()
        self._account_id = stage.connect_account()
        world = stage.control("GET", f"world?group={stage.group_id}&count={PEOPLE * 2}")
        listed = [one for one in world["recipients"] if one["membershipStatus"] in ("OWNER", "MANAGER", "MEMBER")]
        self._people = {one["profileUrn"]: f"{one['firstName']} {one['lastName']}" for one in listed[:PEOPLE]}
        if len(self._people) < PEOPLE:
            raise DemoFailed(f"The sandbox's group has only {len(self._people)} members to write to")
        slow = {"match": {"path": "createMessage"}, "effect": "delay_seconds", "seconds": _LINKEDIN_SECONDS}
        stage.control("POST", "faults", {**slow, "times": None})
        source = {"type": "ids", "recipientProfileUrns": list(self._people)}
        audience = {"name": "Demonstration", "groupId": stage.group_id, "source": source}
        audience_id = stage.api("POST", "audiences", audience)["id"]
        campaign = {"name": "Demonstration", "audienceId": audience_id, "text": _TEXT, "spread": False}
        self._campaign_id = stage.api("POST", "campaigns", campaign)["id"]
        checked = stage.api("POST", f"campaigns/{self._campaign_id}/check")
        stage.api("POST", f"campaigns/{self._campaign_id}/start", {"contentHash": checked["contentHash"]})

    def perform(self) -> Iterator[PlugState]:
        """Kill and start again, wait until everybody is done, and judge."""
        yield self.state("The campaign runs")
        for number in range(1, KILLS + 1):
            yield from self._watch(until=number * PEOPLE // (KILLS + 1))
            time.sleep(_KILL_AFTER_SECONDS)
            self._stage.kill_server()
            killed = time.monotonic()
            self._read_messages()
            self._kills.append(Kill(self._seen.total()))
            yield self.state("Killed; started again")
            self._stage.start_server()
            self._kills[-1] = Kill(self._kills[-1].messages, round(time.monotonic() - killed, 1))
            yield self.state("The campaign goes on")
        yield from self._watch(until=PEOPLE)
        yield from self._finish()
        yield self._judged()

    def _read_messages(self) -> bool:
        """Read what LinkedIn has; return whether that has changed."""
        seen = Counter(message["recipient"] for message in self._stage.control("GET", "messages"))
        changed = seen != self._seen
        self._seen = seen
        return changed

    def _watch(self, *, until: int) -> Iterator[PlugState]:
        """Report until LinkedIn has so many messages. Whoever was certainly not sent to need not wait for minutes."""
        released = time.monotonic()
        while self._seen.total() < until and not self._is_late():
            time.sleep(_LOOK_SECONDS)
            if self._read_messages():
                released = time.monotonic()
                yield self.state("The campaign runs")
            elif time.monotonic() - released > 1:
                released = time.monotonic()
                self._release_late()

    def _release_late(self) -> None:
        """Let those go on whose attempt certainly did not reach LinkedIn: they would be tried again in five minutes."""
        soon = datetime.now(UTC) + timedelta(seconds=5)
        for one in self._members():
            until = one["until"]
            if one["status"] == "waiting" and until is not None and datetime.fromisoformat(until) > soon:
                person = quote(one["recipientProfileUrn"], safe="")
                self._stage.api("POST", f"campaigns/{self._campaign_id}/people/{person}/release", {})

    def _finish(self) -> Iterator[PlugState]:
        """Wait until nothing is uncertain any more."""
        while not self._is_late():
            statuses = self._statuses()
            yield self.state("Everything interrupted is looked for in LinkedIn", statuses)
            if self._read_campaign()["status"] == "finished":
                return
            time.sleep(0.2)

    def _judged(self) -> PlugState:
        self._read_messages()
        statuses, account = self._statuses(), self._stage.api("GET", f"accounts/{self._account_id}")
        promises = judge(
            self._people,
            self._stage.control("GET", "messages"),
            self._list("sends"),
            statuses,
            used=next(quota["used"] for quota in account["quotas"] if quota["feature"] == "MESSAGE"),
            kills=len(self._kills),
        )
        return msgspec.structs.replace(self.state("Done", statuses), promises=promises)

    def _is_late(self) -> bool:
        return time.monotonic() - self._began > MOST_SECONDS

    def _read_campaign(self) -> Mapping[str, Any]:
        campaign: Mapping[str, Any] = self._stage.api("GET", f"campaigns/{self._campaign_id}")
        return campaign

    def _members(self) -> list[Mapping[str, Any]]:
        return self._list(f"campaigns/{self._campaign_id}/people")

    def _statuses(self) -> dict[str, str]:
        return {one["recipientProfileUrn"]: one["status"] for one in self._members()}

    def _list(self, path: str) -> list[Mapping[str, Any]]:
        page = self._stage.api("GET", f"{path}?limit=100")
        items: list[Mapping[str, Any]] = page["items"]
        assert page["nextCursor"] is None
        return items


def judge(
    people: Mapping[str, str],
    messages: Sequence[Mapping[str, Any]],
    sends: Sequence[Mapping[str, Any]],
    statuses: Mapping[str, str],
    *,
    used: int,
    kills: int,
) -> list[Promise]:
    """Compare what LinkedIn has with what the server says.

    people:    names by profile URN.  messages: of LinkedIn's side.
    sends:     of the ledger.  statuses: of the campaign's people, by profile URN.  used: units of the day.
    """
    seen = Counter(message["recipient"] for message in messages)
    missed = [name for urn, name in people.items() if not seen[urn]]
    twice = [people.get(urn, urn) for urn, count in seen.items() if count > 1]
    at_linkedin = sorted(message["messageUrn"] for message in messages)
    accepted = sorted(send["messageUrn"] or "" for send in sends if send["outcome"] == "accepted")
    uncertain = sum(send["outcome"] in ("unknown", "in_flight") for send in sends)
    sent = sum(statuses.get(urn) == "sent" for urn in people)
    return [
        Promise("Everybody was written to", not missed, _named(missed, f"{len(people)} of {len(people)} people")),
        Promise("Nobody was written to twice", not twice, _named(twice, "one message each")),
        Promise(
            "The ledger has what LinkedIn has",
            accepted == at_linkedin and not uncertain,
            f"{len(accepted)} accepted, {len(at_linkedin)} at LinkedIn, {uncertain} uncertain",
        ),
        Promise("The day's quota is true", used == len(at_linkedin), f"{used} units used"),
        Promise("The campaign is true of each person", sent == len(people), f"{sent} of {len(people)} are sent"),
        Promise("The server was killed in the midst", kills == KILLS, f"{kills} times, by SIGKILL"),
    ]


def _named(names: Sequence[str], otherwise: str) -> str:
    return ", ".join(names) if names else otherwise
