"""A history as a scenario file that `replay` plays. What the language has no words for stands there as a remark."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import yaml

from scenarios.loading import Given


def scenario(given: Given, told: Iterable[dict[str, Any] | str], remark: str) -> str:
    """The text of the file; its last step is the expectation that was not met, and `remark` says how."""
    tickets = [
        {"key": ticket.key, "status": ticket.status, "created": _instant(ticket.created), "violation": ticket.violation}
        for ticket in given.tickets
    ]
    lines = [
        "# yaml-language-server: $schema=../schema.json",
        "title: What a random history has found",
        "source: ticket-status, safeguards",
        "given:",
        f"  at: {_instant(given.at)}",
        f"  jira: {given.jira}",
        "  tickets:",
        *(f"    - {_flow(ticket)}" for ticket in tickets),
        f"  violations: {_flow(list(given.violations))}",
        *([f"  settings: {_flow(given.settings)}"] if given.settings else []),
        "steps:",
        *(f"  # {step}" if isinstance(step, str) else f"  - {_flow(step)}" for step in told),
        *(f"  # {line}" for line in remark.splitlines()),
    ]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    """On one line. Times are texts for the language, and are not to be quoted."""
    return yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False).strip().replace("'", "")


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
