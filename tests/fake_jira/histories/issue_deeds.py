"""Deeds on issues themselves: making, editing, transitions, moving, deleting, restoring, archiving."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.fake_jira.histories.book import LIVE, TRASHED, Json, Note, Place
from tests.fake_jira.histories.hand import CLOUD
from tests.fake_jira.histories.looking import ANYTHING, FEW, NEWER, Looking
from tests.fake_jira.histories.questions import LABELS, PRIORITIES, WORDS

TYPES = ("Story", "Task", "Bug", "Epic", "Sub-task")
LEVELS = {"Epic": 1, "Sub-task": -1}
DAYS = (None, "2026-05-01", "2027-02-28")
PEOPLE = (None, "ada", "mia")
SOME_WORDS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)
SOME_LABELS = st.lists(st.sampled_from(LABELS), unique=True, max_size=2)
OPEN_AFTER_TRANSITION = dict.fromkeys(
    ("status", "status name", "category", "turned", "resolution", "resolved"), ANYTHING
)


class IssueDeeds(Looking):
    """The life of issues."""

    def values(self, data: st.DataObject, place: Place, names: list[str]) -> tuple[Json, Json]:
        """Values for some fields: as a request has them, and as the essence will."""
        sent: Json = {}
        meant: Json = {}
        for name in names:
            sent_as, value, known = self._value(data, place, name)
            sent[sent_as], meant[name] = value, known
        return sent, meant

    def _value(self, data: st.DataObject, place: Place, name: str) -> tuple[str, Any, Any]:
        """One value: the field's id, and the value as it is sent and as the essence knows it."""
        customs = self.book.customs
        if name in ("summary", "description"):
            text = data.draw(SOME_WORDS, label=name)
            return name, text, text
        if name in ("labels", "tags"):
            labels = data.draw(SOME_LABELS, label=name)
            return customs.get(name, name), labels, sorted(labels)
        if name in ("components", "fixVersions", "versions"):
            chosen = self.some_parts(data, name, place)
            return name, [{"id": each} for each in chosen], sorted(chosen)
        if name in ("assignee", "owner"):
            who = data.draw(st.sampled_from(PEOPLE), label=name)
            return customs.get(name, name), *((None, None) if who is None else self.people[who][::2])
        if name == "priority":
            priority = data.draw(st.sampled_from(PRIORITIES), label=name)
            return name, {"name": priority}, priority
        if name == "due":
            day = data.draw(st.sampled_from(DAYS), label=name)
            return "duedate", day, day
        weight = data.draw(st.sampled_from([None, 1.0, 2.0, 2.5]), label=name)
        return customs["weight"], weight, weight

    def some_parts(self, data: st.DataObject, name: str, place: Place) -> list[str]:
        """Components or versions of the project."""
        parts = self.book.parts["component" if name == "components" else "version"]
        own = [part_id for part_id, each in parts.items() if each["project"] == place.id]
        return data.draw(st.lists(st.sampled_from(own), unique=True, max_size=2), label=name) if own else []

    @precondition(lambda self: len(self.book.notes) < FEW)
    @rule(data=st.data())
    def make(self, data: st.DataObject) -> None:
        """An issue, perhaps below another one, that need not be of the right kind."""
        place, kind = self.some_place(data), data.draw(st.sampled_from(TYPES), label="type")
        names = data.draw(st.lists(st.sampled_from(FIELDS), unique=True, max_size=4), label="fields")
        fields, meant = self.values(data, place, ["summary", *names])
        fields |= {"project": {"key": place.keys[0]}, "issuetype": {"name": kind}}
        good = place.state == LIVE
        above = [each for each in self.book.seen() if not each.archived]
        if above and (kind == "Sub-task" or data.draw(st.booleans(), label="below another")):
            right = [each for each in above if self.fits(each, place, LEVELS.get(kind, 0))] or above
            parent = self.some_issue(data, right)
            fields["parent"], meant["parent"] = {"key": parent.key}, parent.id
            good &= self.fits(parent, place, LEVELS.get(kind, 0))
        elif kind == "Sub-task":
            good = False
        answer = self.hand.call("POST", "issue", {"fields": fields})
        assert answer.ok is good, f"{answer.status_code}: {answer.text}"
        if good:
            meant |= {"project": place.id, "kind": kind, "resolution": None, "comments": [], "watchers": 1, "links": []}
            self.look({answer.json()["id"]: meant}, new=answer.json()["id"])
        else:
            self.look({})

    def fits(self, parent: Note, place: Place, level: int) -> bool:
        return parent.now["project"] == place.id and parent.now["level"] == level + 1

    def edited(self, note: Note, meant: Json, answer: Any, *, good: bool) -> None:
        """What an edit has changed; one that changes nothing leaves `updated` alone."""
        assert answer.ok is good, f"{answer.status_code}: {answer.text}"
        changed = {name: value for name, value in meant.items() if note.now[name] != value} if good else {}
        self.look({note.id: changed | {"updated": NEWER}} if changed else {})

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        """Several fields at once."""
        note = self.some_issue(data)
        names = data.draw(st.lists(st.sampled_from(["summary", *FIELDS]), unique=True, min_size=1, max_size=4))
        fields, meant = self.values(data, self.book.places[note.now["project"]], names)
        answer = self.hand.call("PUT", f"issue/{self.called(data, note)}", {"fields": fields})
        self.edited(note, meant, answer, good=self.book.may_change(note))

    @rule(data=st.data())
    def edit_below(self, data: st.DataObject) -> None:
        """Another parent, or none."""
        note = self.some_issue(data)
        others = [each for each in self.book.seen() if each.now["level"] == note.now["level"] + 1]
        good = self.book.may_change(note)
        if others and data.draw(st.integers(0, 3), label="below another"):
            parent = self.some_issue(data, others)
            good &= parent.now["project"] == note.now["project"]
            value, meant = {"id": parent.id}, parent.id
        else:
            value, meant = None, None
            good &= not note.subtask
        answer = self.hand.call("PUT", f"issue/{note.key}", {"fields": {"parent": value}})
        self.edited(note, {"parent": meant}, answer, good=good)

    @rule(data=st.data())
    def edit_type(self, data: st.DataObject) -> None:
        """Another type; that may or may not be possible, but it leaves no family in disorder."""
        note, kind = self.some_issue(data), data.draw(st.sampled_from(TYPES), label="type")
        answer = self.hand.call("PUT", f"issue/{note.key}", {"fields": {"issuetype": {"name": kind}}})
        assert self.book.may_change(note) or not answer.ok
        meant = {"kind": kind, "type": ANYTHING, "level": LEVELS.get(kind, 0)} if note.now["kind"] != kind else {}
        self.look({note.id: meant | {"updated": NEWER}} if answer.ok and meant else {})

    @rule(data=st.data())
    def edit_by_operations(self, data: st.DataObject) -> None:
        """add and remove, one after the other."""
        note = self.some_issue(data)
        place = self.book.places[note.now["project"]]
        name = data.draw(st.sampled_from(["labels", "tags", "components", "fixVersions", "versions"]), label="field")
        operations, held = [], list(note.now[name])
        for _ in range(data.draw(st.integers(1, 3), label="operations")):
            if name in ("labels", "tags"):
                value: Any = (label := data.draw(st.sampled_from(LABELS)))
            elif chosen := self.some_parts(data, name, place):
                value, label = {"id": chosen[0]}, chosen[0]
            else:
                continue
            verb = data.draw(st.sampled_from(["add", "remove"]))
            operations.append({verb: value})
            held = [each for each in held if each != label] + ([label] if verb == "add" else [])
        field = self.book.customs.get(name, name)
        answer = self.hand.call("PUT", f"issue/{note.key}", {"update": {field: operations}})
        if operations:
            self.edited(note, {name: sorted(held)}, answer, good=self.book.may_change(note))

    @rule(data=st.data())
    def assign(self, data: st.DataObject) -> None:
        note, who = self.some_issue(data), data.draw(st.sampled_from(PEOPLE), label="who")
        body = self.people[who][0] if who else dict.fromkeys(self.people["ada"][0])
        answer = self.hand.call("PUT", f"issue/{self.called(data, note)}/assignee", body)
        self.edited(note, {"assignee": self.people[who][2] if who else None}, answer, good=self.book.may_change(note))

    @rule(data=st.data())
    def transition(self, data: st.DataObject) -> None:
        """One that is offered, with a resolution where it is asked for; now and then one that is not."""
        note = self.some_issue(data)
        asked = self.hand.call("GET", f"issue/{note.key}/transitions?expand=transitions.fields")
        assert asked.ok is self.book.sees(note)
        offered = {each["id"]: each for each in asked.json().get("transitions", [])}
        assert not offered or self.book.may_change(note)
        chosen = data.draw(st.sampled_from([*offered, *offered, "999"]), label="transition")
        body: Json = {"transition": {"id": chosen}}
        if "resolution" in offered.get(chosen, {}).get("fields", {}):
            body["fields"] = {"resolution": {"name": data.draw(st.sampled_from(["Done", "Duplicate"]))}}
        answer = self.hand.call("POST", f"issue/{note.key}/transitions", body)
        assert answer.ok is (chosen in offered), f"{answer.status_code}: {answer.text}"
        if not answer.ok:
            self.look({})
            return
        to, before = offered[chosen]["to"], note.now
        self.look({note.id: OPEN_AFTER_TRANSITION | {"status": to["id"], "updated": NEWER}})
        now = note.now
        if self.hand.flavour == CLOUD:
            assert (now["turned"] != before["turned"]) is (now["category"] != before["category"]), "the category's date"
        assert (now["resolution"] is not None) is (now["category"] == "done"), f"{now['status name']} is resolved"
        wanted = body.get("fields", {}).get("resolution", {}).get("name", now["resolution"])
        assert now["resolution"] == wanted, f"resolved as {now['resolution']}, not as {wanted}"

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        """To another project, as people do it in the browser: sub-tasks go along, and not by themselves."""
        note, place = self.some_issue(data, self.book.seen()) if any(self.book.seen()) else None, self.some_place(data)
        if note is None or place.state == TRASHED:
            return
        answer = self.hand.control("POST", f"issues/{self.called(data, note)}/move", {"project": place.key})
        good = not note.subtask and note.now["project"] != place.id
        assert answer.ok is good, f"{answer.status_code}: {answer.text}"
        self.look(self.moved(note, place) if good else {})

    def moved(self, note: Note, place: Place) -> dict[str, Json]:
        """What a move changes of the issue and its sub-tasks: components and versions stay where one is named alike."""
        changes: dict[str, Json] = {}
        for each in (note, *self.book.children(note, subtasks=True)):
            changes[each.id] = {"key": ANYTHING, "project": place.id, "updated": NEWER} | {
                name: self._alike(each, name, place) for name in ("components", "fixVersions", "versions")
            }
            if each.now["status"] not in place.statuses:
                changes[each.id] |= {
                    "status": ANYTHING,
                    "status name": ANYTHING,
                    "category": ANYTHING,
                    "turned": ANYTHING,
                }
        return changes

    def _alike(self, note: Note, name: str, place: Place) -> list[str]:
        parts = self.book.parts["component" if name == "components" else "version"]
        names = {parts[each]["name"].lower() for each in note.now[name]}
        alike = [each for each, part in parts.items() if part["project"] == place.id and part["name"].lower() in names]
        return sorted(alike)

    @precondition(lambda self: self.hand.flavour == CLOUD)
    @rule(data=st.data())
    def move_in_bulk(self, data: st.DataObject) -> None:
        """To a project, a type and perhaps a parent; that may or may not be possible, but leaves no disorder."""
        note, place = self.some_issue(data), self.some_place(data)
        target = [
            place.key,
            data.draw(st.sampled_from(["10001", "10002", "10000", "10004", note.now["type"]]), label="type"),
        ]
        if self.book.notes and data.draw(st.booleans(), label="below another"):
            target.append(self.some_issue(data).key)
        source = {"issueIdsOrKeys": [self.called(data, note)], "inferStatusDefaults": data.draw(st.booleans())}
        answer = self.hand.call("POST", "bulk/issues/move", {"targetToSourcesMapping": {",".join(target): source}})
        if not answer.ok:
            self.look({})
            return
        progress = self.hand.call("GET", f"bulk/queue/{answer.json()['taskId']}").json()
        processed = progress["processedAccessibleIssues"] == [int(note.id)]
        assert self.book.may_change(note) or not processed
        if not processed:
            self.look({})
            return
        changes = self.moved(note, place) if note.now["project"] != place.id else {note.id: {}}
        changes[note.id] |= {
            "type": target[1],
            "kind": ANYTHING,
            "level": ANYTHING,
            "parent": ANYTHING,
            "updated": ANYTHING,
        }
        self.look({each: known | OPEN_AFTER_TRANSITION for each, known in changes.items()})

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """With its sub-tasks only if that is said; what else stands below loses its parent."""
        note, along = self.some_issue(data), data.draw(st.booleans(), label="with sub-tasks")
        answer = self.hand.call("DELETE", f"issue/{self.called(data, note)}?deleteSubtasks={str(along).lower()}")
        subtasks = self.book.children(note, subtasks=True)
        good = self.book.may_change(note) and (along or not subtasks)
        assert answer.ok is good, f"{answer.status_code}: {answer.text}"
        self.look(self.deleted(note) if good else {})

    @rule(data=st.data())
    def delete_by_hand(self, data: st.DataObject) -> None:
        """By the control API, which asks for no permission."""
        if any(self.book.seen()):
            note = self.some_issue(data, self.book.seen())
            assert self.hand.control("DELETE", f"issues/{note.key}").status_code == 204
            self.look(self.deleted(note))

    def deleted(self, note: Note) -> dict[str, Json]:
        """What a deletion changes of others: those below have no parent, and nobody is linked to it."""
        going = [note, *self.book.children(note, subtasks=True)]
        for each in going:
            each.gone = True
            self.book.feed(each)
        changes = {each.id: {"parent": None, "updated": NEWER} for each in self.book.children(note, subtasks=False)}
        return self.linked_anew(going, changes)

    def linked_anew(self, turned: list[Note], changes: dict[str, Json]) -> dict[str, Json]:
        """... and what becomes of the links to issues that have gone or come back."""
        ids = {each.id for each in turned}
        for each in turned:
            for _, __, other in each.now["links"]:
                note = self.book.notes[other]
                if self.book.sees(note) and other not in ids:
                    changes.setdefault(other, {}).update(links=ANYTHING, linked=ANYTHING)
        return changes

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """By the control API. A sub-task comes back only where its parent is."""
        gone = [each for each in self.book.notes.values() if each.gone]
        if not gone:
            return
        note = self.some_issue(data, gone)
        parent = self.book.notes.get(note.now["parent"] or "")
        answer = self.hand.control("POST", f"issues/{self.called(data, note)}/restore")
        good = not note.subtask or (parent is not None and not parent.gone and parent.now["level"] == 0)
        assert answer.ok is good, f"{answer.status_code}: {answer.text}"
        if not good:
            self.look({})
            return
        note.gone, note.anew = False, True
        self.book.feed(note)
        self.book.name_key(note.id, answer.json()["key"])  # that of its project by now
        before = note.now
        self.look(self.linked_anew([note], {note.id: dict.fromkeys(note.now, ANYTHING)}))
        same = {
            name: note.now[name] for name in ("summary", "labels", "comments", "worklogs", "created", "description")
        }
        assert same.items() <= before.items(), f"{note.key} came back otherwise than it was"

    @rule(data=st.data(), back=st.booleans())
    def archive(self, data: st.DataObject, back: bool) -> None:
        """Put an issue away with its sub-tasks, or take it back into use."""
        note = self.some_issue(data)
        if self.hand.flavour == CLOUD:
            path, body = f"issue/{'unarchive' if back else 'archive'}", {"issueIdsOrKeys": [note.key]}
            good = self.book.sees(note) and not note.subtask and self._is_in(note, LIVE)
        else:
            path, body = f"issue/{note.key}/{'restore' if back else 'archive'}", None
            good = self.book.sees(note) and note.archived is back and self._is_in(note, LIVE)
            good &= not note.subtask
        answer = self.hand.call("PUT", path, body)
        assert answer.ok is good, f"{answer.status_code}: {answer.text}"
        for each in (note, *self.book.children(note, subtasks=True)) if good else ():
            if each.archived is back:
                each.archived = not back
                self.book.feed(each)
        self.look({})

    def _is_in(self, note: Note, state: str) -> bool:
        return self.book.places[note.now["project"]].state == state


FIELDS = (
    "description",
    "labels",
    "assignee",
    "priority",
    "components",
    "fixVersions",
    "versions",
    "due",
    "weight",
    "tags",
    "owner",
)
