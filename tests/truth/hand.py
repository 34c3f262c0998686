"""The hands that a history is made by: each deed is done in Jira or at the service, and the model is told of it.

Deeds are steps of the scenario language wherever it has the words, so that a history which fails can be told as a
scenario (`telling.py`); the others are told in a remark. A deed that cannot be done is passed over.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from scenarios import actions
from scenarios.loading import Given, GivenTicket
from scenarios.scene import import_file, set_scene
from scenarios.signing_in import INTEGRATION, INTEGRATIONS
from scenarios.stage import Stage
from tests.truth import model, passing
from tests.truth.histories import History
from tests.truth.model import Belief, Issue, Jira

AUTHENTICATION = {"cloud": "basic", "data-center": "pat"}
SECOND = "jira-connection-2"
VIEWERS = {"cloud": ("viewer@example.com", "viewer-token"), "data-center": ("viewer", "viewer")}


class Untrue(Exception):
    """The service shows, or asks, what no service that keeps to the documents would."""


class Hand(ABC):
    """One history under way. `told`: what has happened so far, as steps, or as texts where no step says it."""

    def __init__(self, stage: Stage, history: History) -> None:
        self.stage, self.history = stage, history
        self.told: list[dict[str, Any] | str] = []
        self.given = _given(history)
        stage.clock.move_to(history.at)
        self.scene = set_scene(stage, self.given)
        self.users = {INTEGRATION: self.scene.sign_in.user}
        self.ids = {self.scene.issue_ids[ticket.key]: n for n, ticket in enumerate(self.given.tickets)}
        self.keys = [ticket.key for ticket in self.given.tickets]
        self.violations = [ticket.violation for ticket in self.given.tickets]
        issues = [
            Issue(ticket.created, [(ticket.created, ticket.status, ticket.key.partition("-")[0])], ticket.created)
            for ticket in self.given.tickets
        ]
        self.truth = Jira(issues, lag=timedelta(seconds=history.lag), tells=history.jira == "data-center")
        self.fault = ""
        self.shown_keys: dict[int, str] = {}
        self.reasons: dict[str, str] = {}  # of the last verdict on each integration
        self.wishes = 0  # tickets that were asked for
        first = Belief(INTEGRATION, self.now, dict.fromkeys(self.ids.values(), -1))
        self.beliefs = {INTEGRATION: list(model.begun(self.truth, first, self.now))}
        self.up = self.now
        self.mark = self.scene.journal_mark
        self.settled = self.now  # until here the model has been told that time passed

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    def _wait(self) -> None:
        return  # a deed too: only time passes

    def _transition(self, number: int, status: str) -> None:
        n = self._pick(number)
        if self.truth.issues[n].exists:
            self._step("jira", {"transition": self.keys[n], "to": status})
            self._changed(n, status=status)

    def _delete(self, number: int) -> None:
        n = self._pick(number)
        if self.truth.issues[n].exists:
            self._step("jira", {"delete": self.keys[n]})
            self.truth.issues[n].exists = False
            self.truth.issues[n].changed = self.now

    def _restore(self, number: int) -> None:
        n = self._pick(number)
        if not self.truth.issues[n].exists:
            self._step("jira", {"restore": self.keys[n]})
            self.truth.issues[n].exists = True
            self.truth.issues[n].changed = self.now

    def _move(self, number: int, project: str) -> None:
        n = self._pick(number)
        issue = self.truth.issues[n]
        if issue.exists and not issue.guarded and issue.versions[-1][2] != project:
            self._step("jira", {"move": self.keys[n], "to_project": project})
            self._changed(n, project=project)

    def _changed(self, n: int, status: str | None = None, project: str | None = None) -> None:
        versions, self.truth.issues[n].changed = self.truth.issues[n].versions, self.now
        versions.append((self.now, status or versions[-1][1], project or versions[-1][2]))

    def _fault(self, name: str, times: int | None, retry_after: int | None) -> None:
        if self.truth.down:
            return
        limits = name == "rate_limit"
        times = None if name == "outage" else times
        retry_after = (retry_after or 60) if limits else retry_after if name == "unavailable" else None
        named = {"times": times, "retry_after": retry_after}
        self._step("jira", {"fault": name, **{key: value for key, value in named.items() if value is not None}})
        self.fault = name
        self.truth.patience = max(self.truth.patience, timedelta(seconds=retry_after or 0))
        self.truth.down, self.truth.left, self.truth.limits = True, times, limits
        self.truth.retry_after = timedelta(seconds=retry_after or 0)

    def _outlast(self, name: str) -> None:
        """Trouble that does not pass by itself, and a run or an epoch that meets it."""
        self._fault(name, None, None)
        self._flick()

    def _ordeal(self, name: str) -> None:
        """Trouble until every retry is spent, and its end, until the next probe has seen that."""
        self._outlast(name)
        self._pass(timedelta(minutes=12))
        self._clear()
        self._pass(timedelta(minutes=6))

    def _clear(self) -> None:
        if self.fault:
            self._step("jira", {"clear": self.fault})
            self.fault, self.truth.down, self.truth.left = "", False, None

    def _expire(self) -> None:
        """A token that runs out, until it is given more time, or for good; on Data Center it is revoked."""
        if INTEGRATION not in self.truth.refused and self._lives():
            cloud = self.given.jira == "cloud"
            self._step("jira", {"fault": "expired_token"} if cloud else {"credential": "revoked"})
            self.truth.refused.add(INTEGRATION)

    def _hide(self, project: str) -> None:
        if not self.truth.hidden:
            self._step("jira", {"fault": "lost_permission", "project": project})
            self.truth.hidden.add((INTEGRATION, project))

    def _heal(self) -> None:
        armed = {fault["fault"] for fault in self.stage.jira.faults()}
        for name, struck in (("expired_token", self.truth.refused), ("lost_permission", self.truth.hidden)):
            if name in armed:
                self._step("jira", {"clear": name})
                struck.clear()

    def _guard(self, number: int) -> None:
        n = self._pick(number)
        issue = self.truth.issues[n]
        if issue.exists and not issue.guarded and not self.truth.down:
            self._step("jira", {"hide": self._key(n)})
            self.truth.guarding.add(issue.versions[-1][2])
            issue.guarded = True
            self._changed(n)

    def _unguard(self, number: int) -> None:
        n = self._pick(number)
        issue = self.truth.issues[n]
        if issue.exists and issue.guarded and not self.truth.down:
            self._step("jira", {"show": self._key(n)})
            issue.guarded = False
            self._changed(n)

    def _veil(self, number: int) -> None:
        """Hidden by a security level for the length of a run."""
        self._guard(number)
        self._retrieve()
        self._pass(timedelta(seconds=20))
        self._unguard(number)

    @abstractmethod
    def _pass(self, gap: timedelta) -> None:
        """Time passes."""

    def _toggle(self) -> None:
        if self._lives():
            on = not self.beliefs[INTEGRATION][0].on
            self._step("service", {"toggle": on})
            if on:
                self._begin(lambda b: model.renewed(b, on=True))
            else:
                self._believe(lambda b: [replace(b, on=False, trying=None)], INTEGRATION)

    def _flick(self) -> None:
        """Off and on again: a new epoch, whatever comes of its run."""
        self._toggle()
        self._toggle()

    def _begin(self, before: Callable[[Belief], Belief] = lambda b: b) -> None:
        self._believe(lambda b: model.begun(self.truth, before(b), self.now), INTEGRATION)

    def _refresh(self, number: int) -> None:
        n = self._pick(number)
        if self.stage.is_serving:
            name = self.violations[n]
            self._step("service", {"refresh": name})
            together = [each for each, violation in enumerate(self.violations) if violation == name]
            self._believe(lambda b: passing.refreshed(self.truth, b, [t for t in together if t in b.seen], self.now))

    def _check(self) -> None:
        if self._lives():
            self._step("service", "check")
            self._believe(lambda b: model.verified(self.truth, b, self.now), INTEGRATION)

    def _retrieve(self) -> None:
        if self._lives():
            self._step("service", "retrieve")
            self._begin()

    def _create(self, project: str) -> None:
        if not self._lives():
            return
        violation = f"new{self.wishes}"
        self.wishes += 1
        self._step("service", {"create": {"violation": violation, "project": project}})
        answer, made = self.scene.answer, None
        assert answer is not None
        if answer.code == 201:
            made = self._ticket(answer.body["id"], answer.body["key"], violation, project)
        elif not self.truth.down and not self.truth.refused and (INTEGRATION, project) not in self.truth.hidden:
            raise Untrue(f"Jira is well, and a ticket is not made: {answer.code} {answer.body}")
        self._believe(lambda b: passing.created(self.truth, b, made, self.now), INTEGRATION)

    def _restart(self) -> None:
        if self.stage.is_serving:
            self._step("restart", "service")

    def _stop(self) -> None:
        if self.stage.is_serving:
            self._step("service", "stop")

    def _start(self) -> None:
        if not self.stage.is_serving:
            self._step("service", "start")
            self.up = self.now

    def _remove(self) -> None:
        if self._lives():
            self._step("service", "remove")
            self._believe(lambda b: [replace(b, removed=True)], INTEGRATION)

    def _kill(self) -> None:
        if self.stage.is_serving:
            self._step("kill", "service")

    def _edit(self) -> None:
        """Entering what Jira accepts now; what fails changes nothing (R5)."""
        if self._lives():
            self._step("service", "edit")
            assert self.scene.answer is not None
            if self.scene.answer.code == 200:
                self.truth.refused.discard(INTEGRATION)
                self._believe(lambda b: model.verified(self.truth, b, self.now), INTEGRATION)

    def _second(self, number: int) -> None:
        """Another integration, of another account, with a ticket of its own for a violation that has one already."""
        if not self.stage.is_serving or self.truth.down or SECOND in self.beliefs:
            return
        user, secret = VIEWERS[self.given.jira]
        violation = self.violations[self._pick(number)]
        self.told.append(f"{user} makes {SECOND}, and {violation} gets a ticket of it: no step says that")
        connection = {
            "connection_name": SECOND,
            "installation_type": "cloud" if self.given.jira == "cloud" else "server",
            "auth_type": "basic",
            "username": user,
            "password": secret,
            "jira_server_url": self.stage.jira_url,
            "skip_proxy": True,
        }
        self.scene.ask("POST", INTEGRATIONS, connection)
        issue = self.stage.jira.issue("SEC", summary="Of another account")
        created = f"{self.now:%Y-%m-%dT%H:%M:%SZ}"
        row = {"integration": SECOND, "issue_id": issue["id"], "key": issue["key"], "created": created}
        self.scene.ask("POST", "/import", import_file({violation: [row]}))
        n = self._ticket(issue["id"], issue["key"], violation, "SEC")
        self.users[SECOND] = user
        self.beliefs[SECOND] = [Belief(SECOND, self.now, {n: -1})]

    def _ticket(self, id: str, key: str, violation: str, project: str) -> int:
        """Notes an issue that was made just now; its number."""
        number = len(self.truth.issues)
        self.truth.issues.append(Issue(self.now, [(self.now, "To Do", project)], self.now))
        self.ids[id] = number
        self.keys.append(key)
        self.violations.append(violation)
        return number

    def _key(self, n: int) -> str:
        """The present key of an issue."""
        named = {one["id"]: one["key"] for one in self.stage.jira.issues()}
        return next(str(named[id]) for id, number in self.ids.items() if number == n)

    def _pick(self, number: int) -> int:
        return number % len(self.keys)

    def _lives(self) -> bool:
        return self.stage.is_serving and not self.beliefs[INTEGRATION][0].removed

    def _step(self, kind: str, body: Any) -> None:
        self.told.append({kind: body})
        actions.ACTIONS[kind](self.scene, body)

    def _believe(self, what: Callable[[Belief], Iterable[Belief]], name: str | None = None) -> None:
        for each in [name] if name else self.beliefs:
            self.beliefs[each] = different(known for b in self.beliefs[each] for known in what(b))


def different(beliefs: Iterable[Belief]) -> list[Belief]:
    found: list[Belief] = []
    for each in beliefs:
        if each not in found:
            found.append(each)
    return found


def _given(history: History) -> Given:
    numbers = dict.fromkeys(("SEC", "TEST"), 0)
    tickets = []
    for each in history.tickets:
        numbers[each.project] += 1
        key = f"{each.project}-{numbers[each.project]}"
        tickets.append(GivenTicket(key, each.status, history.at - each.age, f"v{each.violation}"))
    names = [ticket.violation for ticket in tickets]
    makes = sum(deed[0] == "create" for deed, _ in history.steps)
    ready = [f"new{n}" for n in range(makes)]  # for tickets that are made later
    return Given(
        at=history.at,
        jira=history.jira,
        authentication=AUTHENTICATION[history.jira],
        product_version="",
        token_days=None,
        tickets=tuple(tickets),
        violations=tuple(dict.fromkeys([*names, *ready])),
        retrieved=True,
        toggle=True,
        settings={"index_delay": history.lag} if history.lag else {},
    )
