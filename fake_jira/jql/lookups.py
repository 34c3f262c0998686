"""Written values -> the keys they stand for: names, keys and ids of people, projects, issues and the rest."""

from collections.abc import Callable, Mapping
from typing import Any

from fake_jira.jql.kinds import Asker
from fake_jira.model.state import CLOUD, DATA_CENTER, State


def named(records: str) -> Callable[[Asker, str], set[Any]]:
    """By id or by name in whatever case, among the records that the state keeps under this name."""

    def meant(asker: Asker, text: str) -> set[Any]:
        wanted = text.lower()
        found: Mapping[str, Any] = getattr(asker.state, records)
        return {key for key, record in found.items() if key == text or record.name.lower() == wanted}

    return meant


def issue_ids(state: State, text: str) -> set[str]:
    """The id that a key (old keys too) or an id stands for, of a deleted issue too."""
    found = text if text in state.issues or text in state.trash else state.keys.get(text.upper())
    return {found} if found else set()


def issues(asker: Asker, text: str) -> set[str]:
    """None for an issue that the asker may not see."""
    found = asker.state.issue(text)
    return set() if found and not asker.state.sees(asker.user, found) else issue_ids(asker.state, text)


def projects(asker: Asker, text: str) -> set[str]:
    """By id, name or key; a project's old key leads to it too."""
    project = asker.state.project(text)
    wanted = text.lower()
    by_name = {each.id for each in asker.state.projects.values() if each.name.lower() == wanted}
    return by_name | ({project.id} if project else set())


def _of_cloud(state: State, wanted: str) -> set[str]:
    return {
        who.account_id
        for who in state.users.values()
        if wanted in (who.account_id.lower(), who.email.lower(), who.display_name.lower())
    }


def _of_data_center(state: State, wanted: str) -> set[str]:
    """Whoever has the user name; where nobody has it, everybody of that full name or address."""
    by_name = {who.account_id for who in state.users.values() if who.name.lower() == wanted}
    return by_name or {
        who.account_id for who in state.users.values() if wanted in (who.email.lower(), who.display_name.lower())
    }


_PEOPLE = {CLOUD: _of_cloud, DATA_CENTER: _of_data_center}


def users(asker: Asker, text: str) -> set[str]:
    """By account id on Cloud, by user name on Data Center; on both by e-mail address or full name."""
    return _PEOPLE[asker.state.flavour](asker.state, text.lower())


def categories(asker: Asker, text: str) -> set[int]:
    wanted = text.lower()
    every = asker.state.categories.values()
    return {each.id for each in every if wanted in (str(each.id), each.key, each.name.lower())}


def lowered(_: Asker, text: str) -> set[str]:
    return {text.lower()}


def place(records: Mapping[Any, Any], key: Any) -> int:
    """Where a record stands among its kind; one that is gone comes last."""
    return next((at for at, each in enumerate(records) if each == key), len(records))
