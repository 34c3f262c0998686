"""Plays a history on a stage and holds what the service shows, after each step, to what the model allows."""

import re
from calendar import isleap
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scenarios.keeper import is_by_people
from scenarios.scene import ticket_route
from scenarios.signing_in import INTEGRATIONS
from tests.truth import model, passing
from tests.truth.hand import Hand, Untrue, different
from tests.truth.histories import History
from tests.truth.model import Belief
from tests.truth.stage import Theatre
from tests.truth.telling import scenario

SWITCHING = ("toggle", "flick", "outlast", "ordeal")  # deeds after which requests may be right that were wrong before
MOST_BUSY = timedelta(minutes=16)  # that a running service probes a broken Jira in one step


@dataclass(frozen=True)
class Look:
    """What is seen from outside: is it broken, and what does each ticket show."""

    broken: bool | None  # None: removed
    cells: dict[int, str | None]


class Player(Hand):
    """Does what a history says, and judges."""

    def play(self) -> None:
        """Raises Untrue where the history ends."""
        self._judge()
        for (name, *parts), gap in self.history.steps:
            forbidden = self._forbidden()
            getattr(self, f"_{name}")(*parts)
            self._pass(gap)
            self._judge_requests({} if name in SWITCHING else forbidden)
            self._judge()
        if self.stage.is_serving:
            self._check()
            self._pass(timedelta(seconds=1))
            self._judge()

    # --- time ---

    def _pass(self, gap: timedelta) -> None:
        """Time passes, less of it where that would keep the machine busy for long."""
        if self.stage.is_serving:
            gap = min(gap, timedelta(days=1) if self._is_fine() else self._until_next_run() + MOST_BUSY)
        self._step("clock", {"advance": _duration(gap)})
        if self.stage.is_serving:
            self._believe(self._passed)
            self.settled = self.now
        if self.truth.left is not None and self.truth.down:
            self._count()

    def _until_next_run(self) -> timedelta:
        if any(b.broken or b.trying for beliefs in self.beliefs.values() for b in beliefs):
            return timedelta()
        return min(passing.RUN - (self.now - beliefs[0].made) % passing.RUN for beliefs in self.beliefs.values())

    def _is_fine(self) -> bool:
        return not (self.truth.down or self.truth.refused or self.truth.hidden)

    def _passed(self, b: Belief) -> Iterable[Belief]:
        """In pieces in which nothing changes in Jira by itself: no ticket turns a year old, no index catches up."""
        start, beliefs = self.settled, [b]
        for cut in [*self._cuts(start, self.now), self.now]:
            beliefs = different(
                each for known in beliefs for each in passing.passed(self.truth, known, start, cut, self.up)
            )
            start = cut
        return beliefs

    def _cuts(self, start: datetime, end: datetime) -> list[datetime]:
        tick = timedelta(microseconds=1)
        cuts = set()
        for issue in self.truth.issues:
            cuts |= {at + self.truth.lag - tick for at in (issue.changed, *(at for at, *_ in issue.versions))}
            cuts |= set(_birthdays(issue.created, tick))
        return sorted(cut for cut in cuts if start < cut < end)

    def _count(self) -> None:
        """How many requests the fault in Jira will still spoil."""
        armed = [fault for fault in self.stage.jira.faults() if fault["fault"] == self.fault]
        self.truth.left = armed[-1]["times"] - armed[-1]["hits"]
        self.truth.down = self.truth.left > 0

    # --- judging ---

    def _judge(self) -> None:
        if not self.stage.is_serving:
            return
        looks = self._look()
        for name, beliefs in self.beliefs.items():
            fitting = [b for b in beliefs if self._fits(b, looks[name])]
            if not fitting:
                raise Untrue(f"{self._misfit(beliefs, looks[name])}; {self.reasons.get(name)}")
            self.beliefs[name] = fitting

    def _fits(self, b: Belief, look: Look) -> bool:
        return (b.removed or b.broken == look.broken) and self._cells(b) == look.cells

    def _cells(self, b: Belief) -> dict[int, str | None]:
        return {ticket: model.shown(self.truth, b, ticket, self.now) for ticket in b.seen}

    def _look(self) -> dict[str, Look]:
        listed = {one["connection_name"]: one for one in self.scene.ask("GET", INTEGRATIONS)["integrations"]}
        found: dict[str, Look] = {}
        for name in self.beliefs:
            if name in listed:
                route = f"{INTEGRATIONS}/{name}/tickets"
                tickets = self.scene.ask("GET", route, params={"limit": 500})["tickets"]
                broken = listed[name]["health"] == "FAULTY_CONFIGURATION"
                self.reasons[name] = listed[name]["reason"]
            else:
                known = self.scene.violation_ids
                routes = [ticket_route(known[violation]) for violation in dict.fromkeys(self.violations)]
                tickets = [one for route in routes for one in self.scene.ask("GET", route)["tickets"]]
                tickets = [one for one in tickets if one["integration_name"] == name]
                broken = None
            found[name] = Look(broken, {self.ids[one["id"]]: one["status"] for one in tickets})
            self.shown_keys |= {self.ids[one["id"]]: one["key"] for one in tickets}
        return found

    def _misfit(self, beliefs: list[Belief], look: Look) -> str:
        allowed = [(b.broken, self._cells(b)) for b in beliefs]
        self.told.append({"expect": self._expected(beliefs[0])})
        return f"allowed are {allowed}, seen is {(look.broken, look.cells)}"

    def _expected(self, b: Belief) -> dict[str, Any]:
        return {"tickets": {self.shown_keys[n]: cell for n, cell in self._cells(b).items()}}

    def _forbidden(self) -> dict[str, set[str]]:
        """The ids that must not be asked for from here on, by the user of each integration."""
        slack = self.now - passing.longest(self.truth.patience)
        found = {}
        for name, beliefs in self.beliefs.items():
            gone = frozenset.intersection(*(b.gone for b in beliefs))
            old = {n for n, issue in enumerate(self.truth.issues) if issue.created < model.year_before(slack)}
            asks_where = any(who == name for who, _ in self.truth.hidden)  # R37, which is not about statuses
            off = {n for b in beliefs if b.removed or not (b.on or asks_where) for n in b.seen}
            found[self.users[name]] = {id for id, n in self.ids.items() if n in gone | old | off}
        return found

    def _judge_requests(self, forbidden: dict[str, set[str]]) -> None:
        entries = self.stage.jira.journal(since_id=self.mark)
        self.mark = max((entry["id"] for entry in entries), default=self.mark)
        for entry in entries:
            if (
                is_by_people(entry)
                or "/project" in entry["path"]
                or ("/issue" not in entry["path"] and "/search" not in entry["path"])
            ):
                continue
            named = set(re.findall(r"\d{5,}", f"{entry['path']} {entry['query']} {entry['body']}"))
            for user in forbidden if entry["user"] is None else [entry["user"]]:
                if wrong := named & forbidden.get(user, set()):
                    raise Untrue(f"at {entry['at']} Jira is asked for {wrong}: {entry['method']} {entry['path']}")


def _birthdays(created: datetime, tick: timedelta) -> Iterator[datetime]:
    """The last moments at which it is a year old. From 28 February to the 29th it grows younger again (R13)."""
    year = created.year + 1
    if (created.month, created.day) == (2, 29):
        yield created.replace(year=year, month=3, day=1, hour=0, minute=0) - tick
        return
    yield created.replace(year=year)
    if (created.month, created.day) == (2, 28) and isleap(year):
        yield created.replace(year=year, day=29, hour=0, minute=0) - tick
        yield created.replace(year=year, day=29)


def _duration(gap: timedelta) -> str:
    return f"{int(gap.total_seconds())}s"


def play(theatre: Theatre, history: History) -> None:
    """Plays it on a stage of its own. An AssertionError tells the scenario of one that is not true."""
    with closing(theatre.stage(history.jira)) as stage:
        player = Player(stage, history)
        try:
            player.play()
        except Untrue as untrue:
            raise AssertionError(f"{untrue}\n\n{scenario(player.given, player.told, str(untrue))}") from None
