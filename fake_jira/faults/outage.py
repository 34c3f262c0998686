"""The whole site is down: nobody listens at its port."""

from dataclasses import dataclass

from fake_jira.faults.base import Windowed


@dataclass(frozen=True, kw_only=True)
class Outage(Windowed):
    """Connections are refused (ECONNREFUSED) and open ones dropped, for every world; only the control port answers.

    It has a window of the clock and no selector: a refused connection never says what it would have asked for.
    """

    name = "outage"
