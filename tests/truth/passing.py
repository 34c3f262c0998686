"""What may happen while time passes: scheduled runs, their further tries, probes of a broken Jira; and by hand.

The other half of the model: `model.py` says what each of these does, here is when.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from tests.truth.model import Belief, Jira, begun, broke, due, out_of_sight, run, told, trouble

RUN, PROBE = timedelta(hours=8), timedelta(minutes=5)
WAITS = [timedelta(seconds=seconds) for seconds in (2, 4, 8, 16)]
LEAST, MOST, ABOVE = 0.7, 1.3, 1.1  # R11: how waits are spread, and Retry-After


def shortest(retry_after: timedelta) -> timedelta:
    """What all tries of a run take at least (R11)."""
    return sum((max(wait * LEAST, retry_after) for wait in WAITS), timedelta())


def longest(retry_after: timedelta, tries: int = len(WAITS)) -> timedelta:
    """What the last `tries` tries of a run take at most."""
    return sum((max(wait * MOST, retry_after * ABOVE) for wait in WAITS[-tries:]), timedelta())


def passed(jira: Jira, b: Belief, start: datetime, end: datetime, up: datetime) -> Iterator[Belief]:
    """From `start` to `end` Jira stayed as it is. `up`: since when the service has been running."""
    kind = trouble(jira, b, end)
    b = b if kind == b.trouble else replace(b, trouble=kind, since=start)
    mended = replace(jira, down=False)
    ends = jira.left is not None or not jira.down  # what is in the way passes by itself
    scheduled = b.made + ((start - b.made) // RUN + 1) * RUN  # R8
    began = b.trying or (max(scheduled, up) if scheduled <= end else None)
    if b.removed or not (b.on or b.broken):
        yield b
    elif b.broken:
        until = b.since + PROBE * (1 + (jira.left or 0)) if kind == "soft" else b.since + PROBE
        is_mended = ends and not trouble(mended, b, end)
        if not is_mended or end < until:
            yield b
        if is_mended:
            yield from begun(mended, replace(b, broken=False), end)
    elif began is None:
        yield b
    elif kind == "soft":
        yield from tried(jira, b, began, end, up)
    else:
        if b.trying and end < max(began, b.since, up) + longest(jira.patience, tries=1):
            yield b
        yield from [broke(b, end)] if kind else run(jira, b, began, end)


def tried(jira: Jira, b: Belief, began: datetime, end: datetime, up: datetime) -> Iterator[Belief]:
    """A run tries again and again, up to four times; then, and not before, its integration is broken (R11)."""
    is_over = end >= max(began, b.since, up) + longest(jira.patience)
    if not is_over:
        yield replace(b, trying=began)
    if jira.left is None:
        is_steady = b.since <= began
        if end >= began + shortest(jira.retry_after if is_steady else timedelta()):
            yield broke(b, end)
        return
    mended = replace(jira, down=False)
    yield from [broke(b, end)] if trouble(mended, b, end) else run(mended, b, began, end)
    if b.trying:  # it had spent some tries before
        yield broke(b, end)


def refreshed(jira: Jira, b: Belief, tickets: Iterable[int], now: datetime) -> Iterator[Belief]:
    """The refresh button (3.5, R12, R21)."""
    asked = [each for each in due(jira, b, now) if each in tickets]
    if b.removed or not b.on or not asked or (b.broken and trouble(jira, b, now)):
        yield b
    elif jira.down and (jira.limits or jira.left is not None):  # R35; one failure is not a broken Jira
        yield b
        if not jira.limits:
            yield broke(b, now)
    elif jira.down or b.name in jira.refused or out_of_sight(jira, b, asked):
        yield broke(b, now)
    else:
        for each in told(jira, replace(b, broken=False), asked, now, strong=True):
            yield from begun(jira, replace(each, trying=None), now) if b.broken else [each]


def created(jira: Jira, b: Belief, ticket: int | None, now: datetime) -> Iterator[Belief]:
    """A ticket was made and is read at once (R25); None: Jira did not make it, and was perhaps found broken."""
    if ticket is None:
        yield b
        yield broke(b, now)
    else:
        yield from refreshed(jira, replace(b, seen=b.seen | {ticket: -1}), [ticket], now)
