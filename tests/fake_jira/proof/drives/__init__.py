"""Drives: each uses some operations for real, as somebody would, and asserts what that person would see.

How to add one. In the module of your chapter (any module in this folder is found by itself):

    @drives("cloud", "data-center", "getVotes", "addVote")       # the flavours, then the operations
    def a_vote_is_counted(jira: Jira) -> None:
        key = jira.create()
        assert jira.post(f"issue/{key}/votes", None).status_code == 204
        assert jira.get(f"issue/{key}/votes").json()["votes"] == 1

`jira` is a world of its own in one of the flavours (`jira.flavour`), and the caller is its admin. An operation's name
is that of its route's function in camelCase, as the journal shows it. `test_drives.py` runs each drive in each of its
flavours and sees to it that every operation named was answered with 2xx or 3xx, and that all that was asked and
answered is as Atlassian documents (what the documents have wrong is put right in `defects.py`). A documented
route without a drive fails a test beside it. One alone: `pytest tests/fake_jira/proof -k a_vote_is_counted`.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from fake_jira.documented import TABLES
from fake_jira.model.state import DATA_CENTER
from tests.fake_jira.conftest import Jira

Run = Callable[[Jira], None]
R = TypeVar("R", bound=Run)
_registered: list["Drive"] = []


@dataclass(frozen=True)
class Drive:
    flavour: str
    operations: tuple[str, ...]
    run: Run

    @property
    def name(self) -> str:
        return f"{self.flavour}-{self.run.__module__.rpartition('.')[2]}-{self.run.__name__}"


def drives(*words: str) -> Callable[[R], R]:
    """Registers a function as a drive of the flavours and operations among `words`."""
    operations = tuple(word for word in words if word not in TABLES)

    def register(run: R) -> R:
        _registered.extend(Drive(word, operations, run) for word in words if word in TABLES)
        return run

    return register


def rich(jira: Jira, text: str) -> Any:
    """Rich text as the flavour's newest API version takes it: a document, or wiki marks."""
    if jira.flavour == DATA_CENTER:
        return text
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


def me(jira: Jira) -> dict[str, str]:
    """The admin, as bodies name people."""
    return {"name": jira.admin.name} if jira.flavour == DATA_CENTER else {"accountId": jira.admin.account_id}


@cache
def all_drives() -> tuple[Drive, ...]:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return tuple(_registered)
