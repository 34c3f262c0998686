"""Who does what is due, and when. `work.py` finds what is due and does it; `embedded.py` has it done in this process,
`distributed.py` by any number of processes on one PostgreSQL.

What is due is computed from stored times, so it does not matter who asks, how often, or how long nobody did (R8).
"""

from contextlib import AbstractContextManager
from typing import Protocol


class Schedule(Protocol):
    """Has done what is due, from `start()` to `stop()`."""

    def start(self) -> None:
        """Begins. Raises SettingInvalid, StoreUnavailable."""

    def wake(self) -> None:
        """Has somebody look for due work at once. Raises nothing; does nothing before `start()` and after `stop()`."""

    def stop(self) -> None:
        """Ends: runs under way are given back, and whoever looks next goes on with them. A second call does nothing."""

    def others_wait(self) -> bool:
        """Whether a run is due for which nobody has a hand free."""

    def lend_place(self) -> AbstractContextManager[None]:
        """While a run hears nothing from its Jira: another one may be done meanwhile."""

    def hands_wanted(self, run_id: int, hands: int) -> None:
        """So many others could help with a large run."""
