"""The cases, one file per endpoint, and the suites that they form.

A case keeps its name for ever: reports of different days are compared by it.
"""

from types import ModuleType

from contract.cases import status_check, status_check_names, status_check_ours
from contract.harness import Case


def _cases(*modules: ModuleType) -> tuple[Case, ...]:
    return tuple(one for module in modules for one in vars(module).values() if isinstance(one, Case))


SUITES = {"status-api": _cases(status_check, status_check_ours, status_check_names)}
"""Suite -> its cases, in the order in which they are played: those that look at all answers come last."""
