"""A changelog played from the first values on: each entry begins where the one before ended, and the last is now."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.fake_jira.histories.book import Json

BY_ID = {  # field of the changelog -> name in the essence
    "status": "status",
    "issuetype": "type",
    "assignee": "assignee",
    "reporter": "reporter",
    "IssueParentAssociation": "parent",
    "project": "project",
    "duedate": "due",
    "Owner": "owner",
}
BY_WORD = {"summary": "summary", "description": "description", "priority": "priority", "resolution": "resolution"}
IN_SECONDS = {"timeestimate": "left", "timeoriginalestimate": "estimate"}
ONE_BY_ONE = {"Component": "components", "Fix Version": "fixVersions", "Version": "versions"}
WORDS = {"labels": "labels", "Tags": "tags"}
OF_OTHERS = {"Link": "links", "IssueParentAssociation": "parent"}
ELSEWHERE = {"Key", "WorklogId", "WorklogTimeSpent"}  # told beside what they go with
TOLD = (
    "links",
    "weight",
    "spent",
    *(set().union(*(each.values() for each in (BY_ID, BY_WORD, IN_SECONDS, ONE_BY_ONE, WORDS)))),
)


def replayed(first: Json, entries: Sequence[Json], keys: Mapping[str, str], whole: bool) -> Json:
    """What the entries make of the first values; `keys` leads from every key to its issue.

    Fails for an entry that does not begin with what there was. Not `whole`: some may say nothing of other issues.
    """
    values = {name: first[name] for name in TOLD}
    values["links"] = sorted((words, other) for _, words, other in first["links"])
    for entry in entries:
        for item in entry["items"]:
            if whole or item["field"] not in OF_OTHERS:
                _play(values, item, keys)
    return {name: value for name, value in values.items() if whole or name not in OF_OTHERS.values()}


def _play(values: Json, item: Json, keys: Mapping[str, str]) -> None:
    field = item["field"]
    if field in BY_ID:
        _swap(values, BY_ID[field], item["from"], item["to"], item)
    elif field in BY_WORD:
        _swap(values, BY_WORD[field], item["fromString"], item["toString"], item)
    elif field == "timespent":  # all work taken back is told as 0, and shown as no work at all
        _swap(values, "spent", _number(item["from"]), _number(item["to"]) or None, item)
    elif field in IN_SECONDS:
        _swap(values, IN_SECONDS[field], _number(item["from"]), _number(item["to"]), item)
    elif field == "Weight":
        _swap(values, "weight", _number(item["fromString"]), _number(item["toString"]), item)
    elif field in WORDS:
        _swap(values, WORDS[field], *(sorted((item[end] or "").split()) for end in ("fromString", "toString")), item)
    elif field in ONE_BY_ONE:
        name = ONE_BY_ONE[field]
        assert item["to"] not in values[name], f"the changelog adds what was there: {item}"
        values[name] = _changed(values[name], item["from"], item["to"], item)
    elif field == "Link":
        ends = (_link(item[key], item[words], keys) for key, words in (("from", "fromString"), ("to", "toString")))
        values["links"] = _changed(values["links"], *ends, item)
    else:
        assert field in ELSEWHERE, f"the changelog tells of {field}, which is new to histories: {item}"


def _swap(values: Json, name: str, old: Any, new: Any, item: Json) -> None:
    assert values[name] == old, f"the changelog says that {name} was {old}; it was {values[name]}: {item}"
    values[name] = new


def _changed(held: list[Any], gone: Any, come: Any, item: Json) -> list[Any]:
    assert gone is None or gone in held, f"the changelog takes away what was not there: {item}"
    left = held.copy()
    if gone is not None:
        left.remove(gone)  # once: two issues can be linked both ways by words that are the same
    return sorted([*left, come] if come is not None else left)


def _link(key: str | None, sentence: str | None, keys: Mapping[str, str]) -> tuple[str, str] | None:
    """The words and the other issue out of "This issue blocks SEC-2"."""
    if key is None:
        return None
    words = str(sentence).removeprefix("This issue ").removesuffix(f" {key}")
    return words, keys[key]


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)
