"""What a history has seen of a Jira: each issue as it was last read, its keys, its changelog, and what the index shows.

An issue's `essence` is what its JSON says about itself, in few words and by ids, so that two readings can be compared
name by name. What it says of other issues (parent, sub-tasks, links) is looked at by `looking.py`.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
LIVE, ARCHIVED, TRASHED = "live", "archived", "trashed"
AGGREGATES = ("aggregatetimespent", "aggregatetimeestimate", "aggregatetimeoriginalestimate", "aggregateprogress")
OF_OTHERS = ("parent", "subtasks", "issuelinks", *AGGREGATES)


@dataclass
class Place:
    """A project; `keys` are all it ever had, the present one last; `statuses` what an issue there can be in."""

    id: str
    keys: list[str]
    statuses: frozenset[str]
    state: str = LIVE

    @property
    def key(self) -> str:
        return self.keys[-1]

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """How Hypothesis prints what it has drawn."""
        printer.text(f"{self.key}, {self.state}")


@dataclass
class Note:
    """An issue. `entries`: the ids of its changelog's; `first`: its essence after the one with the id `since`.

    `indexed`: the versions that the search index has or will have, as (from when on, essence or None). Times are in
    seconds of the history's own clock, which moves only when a history moves it.
    """

    id: str
    keys: list[str]
    read: bytes
    whole: Json
    now: Json
    first: Json
    since: int = 0
    entries: set[str] = field(default_factory=set)
    gone: bool = False
    archived: bool = False
    anew: bool = False  # the changelog is to be played from here on: what came before was changed by hand
    indexed: list[tuple[int, Json | None]] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.keys[-1]

    @property
    def subtask(self) -> bool:
        return bool(self.whole["fields"]["issuetype"]["subtask"])

    @property
    def own(self) -> Json:
        """The JSON without what it says of other issues."""
        return {name: value for name, value in self.whole["fields"].items() if name not in OF_OTHERS}


@dataclass
class Book:
    """Everything that is known of one world."""

    customs: Mapping[str, str]  # word -> id of the custom field
    notes: dict[str, Note] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    parts: dict[str, dict[str, Json]] = field(default_factory=lambda: {"component": {}, "version": {}})
    keys: dict[str, str] = field(default_factory=dict)  # every key that was ever given out -> the issue's id
    given: dict[str, set[str]] = field(default_factory=dict)  # kind -> every id that was ever given out
    hidden_from_vic: set[str] = field(default_factory=set)  # projects
    clock: int = 0
    delay: int = 0

    def copy(self) -> "Book":
        return copy.deepcopy(self)

    def sees(self, note: Note) -> bool:
        return not note.gone and self.places[note.now["project"]].state != TRASHED

    def may_change(self, note: Note) -> bool:
        return self.sees(note) and not note.archived and self.places[note.now["project"]].state == LIVE

    def seen(self) -> Iterator[Note]:
        return (note for note in self.notes.values() if self.sees(note))

    def children(self, note: Note, *, subtasks: bool) -> list[Note]:
        return [each for each in self.seen() if each.now["parent"] == note.id and each.subtask is subtasks]

    def give_out(self, kind: str, new_id: str) -> None:
        """Note an id as given out; none is given out twice."""
        known = self.given.setdefault(kind, set())
        assert new_id not in known, f"the {kind} {new_id} was given out before"
        known.add(new_id)

    def name_key(self, note_id: str, key: str) -> None:
        """Note that the issue has this key; no other one ever had it."""
        owner = self.keys.setdefault(key, note_id)
        assert owner == note_id, f"{key} was the key of {owner} and is now that of {note_id}"

    def indexable(self, note: Note) -> bool:
        return not note.gone and not note.archived and self.places[note.now["project"]].state != ARCHIVED

    def feed(self, note: Note) -> None:
        """The index gets the issue as it is now, when the delay is over."""
        at = self.clock + self.delay
        version = note.now if self.indexable(note) else None
        note.indexed = [each for each in note.indexed if each[0] < at] + [(at, version)]

    def shown(self, note: Note) -> Json | None:
        """What the index shows of the issue; where it has the last version, with the links that there are by now."""
        due = [version for at, version in note.indexed if at <= self.clock]
        if not due or due[-1] is None:
            return None
        if len(due) == len(note.indexed):
            return note.now
        parent = self.notes.get(due[-1]["parent"] or "")
        return due[-1] | {"parent": parent.id if parent is not None and self.sees(parent) else None}

    def whole(self) -> bool:
        """Whether nothing is in the trash, which issues elsewhere would name and may not."""
        return all(place.state != TRASHED for place in self.places.values())

    def lags(self) -> bool:
        return any(at > self.clock for note in self.notes.values() for at, _ in note.indexed)

    def found(self, test: Callable[[Json], bool], *, strong: bool = False) -> list[str]:
        """The ids of the issues that a search must find."""
        return [
            note.id
            for note in self.notes.values()
            if (version := (note.now if self.indexable(note) else None) if strong else self.shown(note)) is not None
            and self.places[version["project"]].state != TRASHED
            and test(version)
        ]


def person(value: Json | None) -> str | None:
    """How histories know people: Cloud's account id, Data Center's key."""
    return None if value is None else value.get("accountId") or value["key"]


def essence(issue: Json, customs: Mapping[str, str]) -> Json:
    """The issue's JSON (of version 2 of the API, where texts are plain) in few words."""
    f = issue["fields"]
    return {
        "id": issue["id"],
        "key": issue["key"],
        "project": f["project"]["id"],
        "type": f["issuetype"]["id"],
        "kind": f["issuetype"]["name"],
        "level": _level(f["issuetype"]),
        "status": f["status"]["id"],
        "status name": f["status"]["name"],
        "category": f["status"]["statusCategory"]["key"],
        "turned": f.get("statuscategorychangedate"),  # not on Data Center
        "resolution": f["resolution"] and f["resolution"]["name"],
        "resolved": f["resolutiondate"],
        "summary": f["summary"],
        "description": f["description"],
        "labels": sorted(f["labels"]),
        "assignee": person(f["assignee"]),
        "reporter": person(f["reporter"]),
        "priority": f["priority"]["name"],
        "parent": f["parent"]["id"] if f.get("parent") else None,
        "components": sorted(each["id"] for each in f["components"]),
        "fixVersions": sorted(each["id"] for each in f["fixVersions"]),
        "versions": sorted(each["id"] for each in f["versions"]),
        "due": f["duedate"],
        "created": f["created"],
        "updated": f["updated"],
        "watchers": f["watches"]["watchCount"],
        "watching": f["watches"]["isWatching"],
        "votes": f["votes"]["votes"],
        "comments": [(each["id"], each["body"]) for each in f["comment"]["comments"]],
        "worklogs": [(each["id"], each["timeSpentSeconds"]) for each in f["worklog"]["worklogs"]],
        "spent": f["timespent"],
        "left": f["timeestimate"],
        "estimate": f["timeoriginalestimate"],
        "links": sorted(_link(each) for each in f["issuelinks"]),
        "linked": sorted({_link(each)[2] for each in f["issuelinks"]}),
        "weight": f.get(customs["weight"]),
        "tags": sorted(f.get(customs["tags"]) or []),
        "owner": person(f.get(customs["owner"])),
    }


def _level(kind: Json) -> int:
    """Data Center has no levels; there an epic is known by its name."""
    return -1 if kind["subtask"] else int(kind["name"] == "Epic")


def _link(link: Json) -> tuple[str, str, str]:
    """Id, words in the direction of this issue, and the other issue's id."""
    if "outwardIssue" in link:
        return link["id"], link["type"]["outward"], link["outwardIssue"]["id"]
    return link["id"], link["type"]["inward"], link["inwardIssue"]["id"]
