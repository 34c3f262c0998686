"""What a ticket must show: the two source documents and our readings (R...), as a page of Python.

Written from the documents and not from the service. `Jira` is the truth. A `Belief` is what a correct service may know
of one integration. Where the documents leave the moment open (a retry, a probe, the index) there are several, and what
is seen leaves those that it fits. None left: what is seen cannot be right.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

UNKNOWN = "Unknown"
LONG_AGO = datetime.min.replace(tzinfo=UTC)
GONE, AWAY = -2, -3  # what there is instead of a version: proven deleted, and perhaps only hidden (R14)


@dataclass
class Issue:
    """`versions`: what it said from when on, as (when, status, project). `guarded`: by a security level.

    `changed`: when that, or whether it exists, changed last; the index hears of it later.
    """

    created: datetime
    versions: list[tuple[datetime, str, str]]
    changed: datetime
    exists: bool = True
    guarded: bool = False


@dataclass
class Jira:
    """`down`: requests get no answer of Jira's; the next `left`, or None: all, until that is mended."""

    issues: list[Issue]
    lag: timedelta = timedelta()  # of the search index
    down: bool = False
    left: int | None = None
    limits: bool = False  # what is in the way is a rate limit
    retry_after: timedelta = timedelta()
    patience: timedelta = timedelta()  # the longest Retry-After so far
    refused: set[str] = field(default_factory=set)  # integrations whose credential is dead
    hidden: set[tuple[str, str]] = field(default_factory=set)  # (integration, project)
    guarding: set[str] = field(default_factory=set)  # projects that have security levels
    tells: bool = False  # Data Center: what is out of sight is refused, and only what is deleted is missing


@dataclass(frozen=True)
class Belief:
    """What a service knows of one integration. `seen`: ticket -> version that was retrieved last, -1 for none."""

    name: str
    made: datetime
    seen: dict[int, int]
    current: frozenset[int] = frozenset()  # retrieved in the present epoch (R18)
    gone: frozenset[int] = frozenset()
    away: frozenset[int] = frozenset()  # not shown by Jira, and not proven to be deleted (R14)
    on: bool = True
    removed: bool = False
    broken: bool = False
    unmended: bool = False  # no full run has ended since it broke
    settled: bool = False  # a full run has ended in this epoch
    trying: datetime | None = None  # when the run began that meets trouble and tries again
    trouble: str = ""  # in Jira: "soft" is tried again, "hard" is a verdict at once
    since: datetime = LONG_AGO  # of that trouble, or of its absence


def year_before(now: datetime) -> datetime:
    """R13: the same date a year ago, 28 February for the 29th."""
    return now.replace(year=now.year - 1, day=28 if (now.month, now.day) == (2, 29) else now.day)


def shown(jira: Jira, b: Belief, ticket: int, now: datetime) -> str | None:
    """The cell in the column Ticket Status; None: empty."""
    if b.removed:
        return UNKNOWN  # R15
    if not b.on:
        return None  # R20
    if b.broken or ticket in b.gone | b.away:
        return UNKNOWN  # safeguards 2 and 3, R14
    if ticket in b.current or (b.settled and jira.issues[ticket].created < year_before(now)):
        return jira.issues[ticket].versions[b.seen[ticket]][1] if b.seen[ticket] >= 0 else None  # R15
    return UNKNOWN if b.unmended else None  # R20, R34


def due(jira: Jira, b: Belief, now: datetime) -> list[int]:
    """Safeguards 1 and 2: those that are asked for."""
    return [each for each in b.seen if each not in b.gone and jira.issues[each].created >= year_before(now)]


def visible(jira: Jira, b: Belief, ticket: int) -> bool:
    issue = jira.issues[ticket]
    return issue.exists and not issue.guarded and (b.name, issue.versions[-1][2]) not in jira.hidden


def last_seen_in(jira: Jira, b: Belief, ticket: int) -> str:
    return jira.issues[ticket].versions[max(b.seen[ticket], 0)][2]


def out_of_sight(jira: Jira, b: Belief, tickets: Iterable[int]) -> bool:
    """R14, R37: whether one of them is not to be seen, and neither is the project in which it was seen last."""
    return any((b.name, last_seen_in(jira, b, each)) in jira.hidden and not visible(jira, b, each) for each in tickets)


def trouble(jira: Jira, b: Belief, now: datetime) -> str:
    """What whoever asks Jira now would meet."""
    if jira.down:
        return "soft"
    return "hard" if b.name in jira.refused or out_of_sight(jira, b, due(jira, b, now)) else ""


def renewed(b: Belief, **changes: Any) -> Belief:
    """A new epoch: nothing that was retrieved before counts (R18)."""
    return replace(b, current=frozenset(), settled=False, trying=None, **changes)


def broke(b: Belief, now: datetime) -> Belief:
    """R4, safeguard 3. The next look at it is a probe's period away from each that failed."""
    return replace(b if b.broken else renewed(b, broken=True, unmended=True), since=now)


def told(jira: Jira, b: Belief, tickets: Iterable[int], now: datetime, *, strong: bool) -> Iterator[Belief]:
    """A Jira without trouble is asked about tickets. `strong`: past its index (3.5)."""
    asked = list(tickets)
    for answers in product(*(answered(jira, b, each, now, strong) for each in asked)):
        of = {kind: {each for each, said in zip(asked, answers, strict=True) if said == kind} for kind in (GONE, AWAY)}
        seen = {each: said for each, said in zip(asked, answers, strict=True) if said >= 0}
        yield replace(
            b, seen=b.seen | seen, current=b.current | seen.keys(), gone=b.gone | of[GONE],
            away=b.away - seen.keys() - of[GONE] | of[AWAY],
        )  # fmt: skip


def answered(jira: Jira, b: Belief, ticket: int, now: datetime, strong: bool) -> list[int]:
    """The versions that may come back. An older one than the known never counts (R10)."""
    issue, newest = jira.issues[ticket], len(jira.issues[ticket].versions) - 1
    told = [newest]
    if not visible(jira, b, ticket):
        may_hide = last_seen_in(jira, b, ticket) in jira.guarding
        if jira.tells:
            told = [AWAY if issue.exists else GONE]
        else:
            told = [AWAY] if issue.exists and issue.guarded and may_hide else [GONE, AWAY] if may_hide else [GONE]
    if not strong and issue.changed + jira.lag > now:
        indexed = max((n for n, (at, *_) in enumerate(issue.versions) if at + jira.lag <= now), default=newest)
        told += [indexed] if max(b.seen[ticket], 0) <= indexed and indexed not in told else []
    return told  # on Cloud what moves out of sight looks like deleted, and nobody can tell


def run(jira: Jira, b: Belief, began: datetime, now: datetime) -> Iterator[Belief]:
    """A full run that gets through (R15)."""
    for each in told(jira, b, due(jira, b, began), now, strong=False):
        yield replace(each, settled=True, unmended=False, trying=None)


def verified(jira: Jira, b: Belief, now: datetime) -> Iterator[Belief]:
    """R1, R4: a verdict. Its recovery starts a full run (R15)."""
    if trouble(jira, b, now):
        yield broke(b, now)
    elif b.broken:
        yield from begun(jira, replace(b, broken=False), now)
    else:
        yield b


def begun(jira: Jira, b: Belief, now: datetime) -> Iterator[Belief]:
    """A run is wanted: by the schedule, by a person, after a recovery or an enabling (R25)."""
    if b.removed or not b.on or b.trying:
        yield b
    elif b.broken:
        yield from verified(jira, b, now)
    elif kind := trouble(jira, b, now):
        yield replace(b, trying=now) if kind == "soft" else broke(b, now)
    else:
        yield from run(jira, b, now, now)
