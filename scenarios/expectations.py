"""The step that looks: everything an `expect` names, compared with what is seen over the two URLs.

Compares only what is named, asks no more of the service than that takes, and makes no request to Jira. Each field has
one function here, named in `FIELDS`; it tells the differences and never stops at the first.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scenarios.checking import near
from scenarios.keeper import is_by_people
from scenarios.scene import Scene, StepFailed, remember, runs, ticket_route


@dataclass(frozen=True, slots=True)
class Difference:
    """Something is not as the story says: what, and what was expected and seen, each in words."""

    what: str
    expected: str
    seen: str


def expect(scene: Scene, body: dict[str, Any]) -> list[Difference]:
    """All differences between `body` and what is there. The next expect counts requests and runs from here on."""
    differences = [difference for name, wanted in body.items() for difference in FIELDS[name](scene, wanted)]
    remember(scene)
    return differences


def _health(scene: Scene, wanted: str) -> Iterator[Difference]:
    integration = scene.integration()
    yield from _compare("health", wanted, integration["health"] if integration else "no integration")


def _reason(scene: Scene, wanted: str) -> Iterator[Difference]:
    integration = scene.integration()
    yield from _compare("reason", wanted, integration["reason"] if integration else "no integration")


def _of_tickets(field: str) -> Callable[[Scene, Any], Iterator[Difference]]:
    """Compares one field of tickets: a mapping of keys, or one value for all of them."""

    def compare(scene: Scene, wanted: Any) -> Iterator[Difference]:
        tickets = {ticket["key"]: ticket for ticket in scene.tickets()}
        if not tickets:
            raise StepFailed("there are no tickets that could be compared")
        for key, value in wanted.items() if isinstance(wanted, dict) else [(key, wanted) for key in tickets]:
            if key in tickets:
                yield from _compare(f"{key}: {field}", value, tickets[key][field])
            else:
                hint = near(key, tickets) or f" There are {_some(tickets)}."
                yield Difference(f"{key}: {field}", _word(value), f"no ticket of this key.{hint}")

    return compare


def _keys(scene: Scene, wanted: list[str]) -> Iterator[Difference]:
    seen = sorted(ticket["key"] for ticket in scene.tickets())
    yield from _compare("keys", _some(sorted(wanted)), _some(seen))


def _leading(scene: Scene, wanted: dict[str, str]) -> Iterator[Difference]:
    for name, key in wanted.items():
        tickets = scene.ask("GET", ticket_route(scene.violation_of(name)))["tickets"]
        leading = [ticket["key"] for ticket in tickets if ticket["leading"]]
        yield from _compare(f"leading ticket of {name}", key, ", ".join(leading) or None)


def _outcomes(scene: Scene, wanted: dict[str, str]) -> Iterator[Difference]:
    body = scene.answer.body if scene.answer else None
    if not isinstance(body, dict) or "tickets" not in body:
        raise StepFailed(f"no refresh has answered with outcomes; the last answer was {_answered(scene)}")
    seen = {ticket["key"]: ticket for ticket in body["tickets"]}
    for key, outcome in wanted.items():
        ticket = seen.get(key)
        yield from _compare(f"{key}: outcome", outcome, ticket["outcome"] if ticket else f"not in {_some(seen)}")


def _status_code(scene: Scene, wanted: int) -> Iterator[Difference]:
    if scene.answer is None:
        raise StepFailed("no service step has been answered yet")
    if scene.answer.code != wanted:
        yield Difference("status code", str(wanted), _answered(scene))


def _answer(scene: Scene, wanted: dict[str, Any]) -> Iterator[Difference]:
    if scene.answer is None:
        raise StepFailed("no service step has been answered yet")
    body = scene.answer.body
    for name, value in wanted.items():
        if isinstance(body, dict) and name in body:
            yield from _compare(f"answer: {name}", value, body[name])
        else:
            yield Difference(f"answer: {name}", _word(value), _answered(scene))


def _requests(scene: Scene, wanted: Any) -> Iterator[Difference]:
    entries = _new_requests(scene)
    saw = _tally(entries)
    if isinstance(wanted, int):
        if len(entries) != wanted:
            yield Difference("requests that Jira saw", str(wanted), saw)
        return
    for operation, amount in wanted.items():
        count = sum(entry["operation"] == operation for entry in entries)
        if not _fits(amount, count):
            yield Difference(f"requests: {operation}", _amount(amount), f"{count}; all together {saw}")


def _asked(scene: Scene, wanted: dict[str, Any]) -> Iterator[Difference]:
    entries = _new_requests(scene)
    for key, amount in wanted.items():
        pattern = re.compile(rf"\b({re.escape(scene.issue_id(key))}|{re.escape(key)})\b")
        naming = [
            entry
            for entry in entries
            if "/project" not in entry["path"]  # a project may have the number of an issue as its id
            and pattern.search(f"{entry['path']} {entry['query']} {entry['body']}")
        ]
        if not _fits(amount, len(naming)):
            yield Difference(f"requests that name {key}", _amount(amount), _tally(naming))


def _runs(scene: Scene, wanted: list[dict[str, Any]]) -> Iterator[Difference]:
    fresh = [run for run in runs(scene) if scene.runs_seen.get(run["id"]) != run]
    if len(fresh) != len(wanted):
        yield Difference("runs", f"{len(wanted)}: {_listed(wanted)}", f"{len(fresh)}: {_listed(fresh)}")
        return
    for number, (run, seen) in enumerate(zip(wanted, fresh, strict=True), 1):
        for name, value in run.items():
            if name == "requests" and _fits(value, seen[name]):
                continue
            shown = _amount(value) if name == "requests" else value
            yield from _compare(f"run {number}: {name}", shown, seen[name])


FIELDS: dict[str, Callable[[Scene, Any], Iterator[Difference]]] = {
    "health": _health,
    "reason": _reason,
    "tickets": _of_tickets("status"),
    "shown_because": _of_tickets("shown_because"),
    "last_update": _of_tickets("last_update"),
    "keys": _keys,
    "leading": _leading,
    "outcomes": _outcomes,
    "status_code": _status_code,
    "answer": _answer,
    "requests": _requests,
    "asked": _asked,
    "runs": _runs,
}


def _new_requests(scene: Scene) -> list[dict[str, Any]]:
    """What the service has asked of Jira since the expect before."""
    entries = scene.stage.jira.journal(since_id=scene.journal_mark)
    return [entry for entry in entries if not is_by_people(entry)]


def _compare(what: str, wanted: Any, seen: Any) -> Iterator[Difference]:
    if wanted != seen:
        yield Difference(what, _word(wanted), _word(seen))


def _fits(amount: Any, count: int) -> bool:
    if isinstance(amount, int):
        return count == amount
    return bool(amount.get("min", 0) <= count <= amount.get("max", count))


def _amount(amount: Any) -> str:
    if isinstance(amount, int):
        return str(amount)
    return " and ".join(f"at {'least' if name == 'min' else 'most'} {count}" for name, count in sorted(amount.items()))


def _word(value: Any) -> str:
    return "nothing (an empty cell)" if value is None else str(value)


def _some(names: Any) -> str:
    listed = list(names)
    return ", ".join(listed[:8]) + (f" and {len(listed) - 8} more" if len(listed) > 8 else "") if listed else "none"


def _tally(entries: list[dict[str, Any]]) -> str:
    """'3: searchIssues 2, getIssue 1'."""
    counts: dict[str, int] = {}
    for entry in entries:
        name = entry["operation"] or f"{entry['method']} {entry['path']}"
        counts[name] = counts.get(name, 0) + 1
    return f"{len(entries)}" + (": " + ", ".join(f"{name} {count}" for name, count in counts.items()) if counts else "")


def _listed(found: list[dict[str, Any]]) -> str:
    return ", ".join(f"{run.get('cause', 'any')} {run.get('state', '')}".strip() for run in found) or "none"


def _answered(scene: Scene) -> str:
    if scene.answer is None:
        return "none"
    body = scene.answer.body
    sentence = body.get("error", body) if isinstance(body, dict) else body
    return f"{scene.answer.code}: {str(sentence)[:200]}"
