"""The look after each deed: what was meant to change has changed, and nothing else has.

Every issue is read by the express lane (if that kept an answer from before the deed) and, in turn, beside it. What the
deed changed is held against its changelog; parents, sub-tasks and links are held against each other; and the index is
asked a question or two.
"""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

import orjson
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.fake_jira.histories.book import AGGREGATES, LIVE, TRASHED, Json, Note, Place, essence
from tests.fake_jira.histories.hand import Furnished, Hand
from tests.fake_jira.histories.questions import Question, any_question
from tests.fake_jira.histories.replay import replayed

ANYTHING = object()  # what a deed leaves open
NEWER = object()  # an instant after what it was
ASIDE = 3  # one in so many issues is read beside the lane in each look
QUESTIONS = 2  # after each deed
FEW = 12  # issues, from which on histories make no more
BRIEF = ("summary", "status", "priority", "issuetype")  # what an issue says of another one
SUMMED = dict(zip(AGGREGATES, ("timespent", "timeestimate", "timeoriginalestimate"), strict=False))
BY_TIME = ("created", "updated")
ORDERS = (None, "created", "updated", "updated", "key", "id")
ASKING = ("ada", "ada", "ada", "vic")
ENDS = (("inwardIssue", "outwardIssue"), ("outwardIssue", "inwardIssue"))


class Looking(RuleBasedStateMachine):
    """What all deeds share: the hand, the book, and the look after a deed."""

    furnished: Furnished
    random: Random  # what questions are made by; seeded by Hypothesis

    def __init__(self) -> None:
        super().__init__()
        self.hand = Hand(self.furnished)
        self.book = self.furnished.book.copy()
        self.people = self.furnished.people
        self.looks = 0

    @invariant()
    def well_so_far(self) -> None:
        """The deed is done and nothing was wrong with it."""
        self.hand.failing = False

    def teardown(self) -> None:
        self.hand.close()

    # What deeds choose from.

    def some_issue(self, data: st.DataObject, among: Iterable[Note] | None = None) -> Note:
        """One of these, else one that can be changed and now and then one that cannot."""
        notes = self.book.notes.values()
        good = [each.id for each in (among if among is not None else filter(self.book.may_change, notes))]
        others = [each.id for each in notes] if among is None else []
        return self.book.notes[data.draw(st.sampled_from(good * 4 + others), label="issue")]

    def some_place(self, data: st.DataObject) -> Place:
        places = sorted(self.book.places.values(), key=lambda each: (each.state != LIVE, int(each.id)))
        return data.draw(st.sampled_from(places), label="project")

    def called(self, data: st.DataObject, note: Note) -> str:
        """The issue's id or one of the keys that it has or had, in whatever case."""
        return data.draw(st.sampled_from([note.key, note.id, note.keys[0].lower(), *note.keys]), label="called")

    # The look.

    def look(self, changes: Mapping[str, Json] | None = None, *, new: str | None = None) -> None:
        """Read everything again. `changes`: issue id -> what of its essence the deed has changed; None = whatever."""
        changed = False
        for number, note in enumerate(self.book.notes.values()):
            expected = None if changes is None else changes.get(note.id, {})
            changed |= self._read(note, expected, aside=bool(expected) or (number + self.looks) % ASIDE == 0)
        self.looks += 1
        if new is not None:
            self._meet(new, {} if changes is None else changes.get(new, {}))
        if changed or new is not None:
            for note in self.book.seen():
                self._family(note)
                self._links(note)
        for _ in range(QUESTIONS):
            self.glance()

    def glance(self) -> None:
        """Searches find what the index has by now, and show that version of it."""
        order, down, who = self.random.choice(ORDERS), self.random.random() < 0.5, self.random.choice(ASKING)
        question = any_question(self.book, self.people, self.random)
        if who != "ada" and "currentUser" in question.jql:
            return
        expected = self.in_order(self.expected(question, who), order, down)
        jql = ordered(question, order, down)
        found = self.hand.searched(jql, ["updated", "project"], who)
        ids = [each["id"] for each in found]
        assert ids == expected, f"{jql} finds {ids} for {who} and should find {expected}"
        for each in found:
            shown = self.book.shown(self.book.notes[each["id"]]) or {}
            of_index = (each["key"], each["fields"]["updated"], each["fields"]["project"]["id"])
            should = (shown["key"], shown["updated"], shown["project"])
            assert of_index == should, f"{jql} shows {of_index} and should show {should}"

    def expected(self, question: Question, who: str) -> list[str]:
        """The ids that the question must find."""
        ids = self.book.found(question.test)
        hidden = self.book.hidden_from_vic if who == "vic" else set()
        return [each for each in ids if (self.book.shown(self.book.notes[each]) or {})["project"] not in hidden]

    def in_order(self, ids: list[str], order: str | None, down: bool) -> list[str]:
        """As the index has them; without an order the newest first. Of equals the smaller id, downwards the greater."""

        def place(each: str) -> tuple[object, int]:
            shown = self.book.shown(self.book.notes[each]) or {}
            prefix, _, number = shown["key"].rpartition("-")
            value: object = (prefix, int(number)) if order == "key" else shown[order] if order in BY_TIME else 0
            return value, int(each)

        return sorted(ids, key=place, reverse=down or order is None)

    def _meet(self, issue_id: str, expected: Json) -> None:
        """A new issue: its id and key are new, and it is as it was wanted."""
        status, read = self.hand.read(f"issue/{issue_id}")
        assert status == 200, f"the new issue {issue_id} cannot be read: {status}"
        issue = orjson.loads(read)
        now = essence(issue, self.book.customs)
        self.book.give_out("issue", issue_id)
        assert now["key"] not in self.book.keys, f"the key {now['key']} was given out before"
        note = self.book.notes[issue_id] = Note(issue_id, [], read, issue, now, now)
        self._named(note)
        wrong = {name: (now[name], want) for name, want in expected.items() if now[name] != want}
        assert not wrong, f"{now['key']} was not made as wanted; is and should be: {wrong}"
        self.book.feed(note)
        self._alright(note)
        note.anew = True
        self._entries(note)

    def _read(self, note: Note, expected: Json | None, *, aside: bool) -> bool:
        """Whether the issue says anything else than before. `aside`: read it beside the lane as well."""
        path = f"issue/{note.id}"
        status, read = by_lane = self.hand.read(path)
        beside = self.hand.read(path, aside=True) if aside else by_lane
        assert by_lane == beside, f"{note.key} by the lane is not what it is:\n{by_lane}\n{beside}"
        if not self.book.sees(note):
            assert status == 404, f"{note.key} is gone and answers {status}"
            return False
        assert status == 200, f"{note.key} is there and answers {status}"
        if read == note.read:
            wrong = _differing(note.now | (expected or {}), note.now, note.now)
            assert not wrong, f"{note.key} should have changed; should be and is: {wrong}"
            return False
        before, own = note.now, note.own
        note.read, note.whole = read, orjson.loads(read)
        note.now = essence(note.whole, self.book.customs)
        if expected == {}:
            assert own == note.own, f"{note.key} has changed, and nothing was done to it: {_differing(own, note.own)}"
        elif expected is not None:
            wrong = _differing(before | expected, note.now, before)
            assert not wrong, f"{note.key} has changed otherwise than it should; should be and is: {wrong}"
        if own != note.own:
            self.book.feed(note)
        self._named(note)
        self._alright(note)
        self._entries(note)
        return True

    def _named(self, note: Note) -> None:
        """The issue's key is its own for ever, and every key that it had leads to it."""
        key = note.now["key"]
        self.book.name_key(note.id, key)
        if key not in note.keys[-1:]:
            note.keys.append(key)
            for each in note.keys:
                status, read = self.hand.read(f"issue/{each}?fields=status")
                assert status == 200, f"{each} does not lead to {key} any more"
                assert orjson.loads(read)["id"] == note.id, f"{each} leads elsewhere than to {key}"

    def _alright(self, note: Note) -> None:
        """What holds of an issue by itself."""
        now, fields = note.now, note.whole["fields"]
        project = self.book.places[now["project"]]
        assert now["key"].startswith(f"{project.key}-"), f"{now['key']} is an issue of {project.key}"
        assert now["status"] in project.statuses, f"{now['key']} is {now['status name']}, which {project.key} has not"
        assert (now["resolution"] is None) == (now["resolved"] is None), f"{now['key']}: {now['resolved']}"
        for kind, names in (("component", ("components",)), ("version", ("fixVersions", "versions"))):
            for name in names:
                for each in now[name]:
                    assert self.book.parts[kind][each]["project"] == project.id, f"{now['key']} has {name} of others"
        for name, many in (("comment", "comments"), ("worklog", "worklogs")):
            assert fields[name]["total"] == len(fields[name][many]), f"{now['key']}: {name} are miscounted"
        worked = sum(seconds for _, seconds in now["worklogs"]) if now["worklogs"] else None
        assert now["spent"] == worked, f"{now['key']}: {now['spent']} seconds spent, {worked} logged"

    def _entries(self, note: Note) -> None:
        """The changelog has grown or stayed, and it leads from the first values to the present ones.

        What it says of issues in the trash is not told while they are there.
        """
        _, read = self.hand.read(f"issue/{note.id}?fields=status&expand=changelog")
        told = orjson.loads(read)["changelog"]
        entries = sorted(told["histories"], key=lambda each: int(each["id"]))
        assert told["total"] == len(entries), f"{note.key}: the entries of the changelog are miscounted"
        for each in entries:
            assert each["created"] <= note.now["updated"], f"{note.key} was changed after it was updated"
            if each["id"] not in note.entries:
                self.book.give_out("change", each["id"])
                note.entries.add(each["id"])
        if note.anew:
            note.first, note.since, note.anew = note.now, max(map(int, self.book.given.get("change", ["0"]))), False
        whole = self.book.whole()
        assert len(entries) == len(note.entries) or not whole, f"{note.key} has forgotten its past"
        values = replayed(note.first, [each for each in entries if int(each["id"]) > note.since], self.book.keys, whole)
        now = note.now | {"links": sorted((words, other) for _, words, other in note.now["links"])}
        if whole:
            seen = {each.id for each in self.book.seen()}
            values["links"] = [each for each in values["links"] if each[1] in seen]
        wrong = {name: (value, now[name]) for name, value in values.items() if now[name] != value}
        assert not wrong, f"{note.key}: the changelog leads elsewhere; by it, and really: {wrong}"

    def _family(self, note: Note) -> None:
        """Parent and sub-tasks know of each other, say the same of each other, and add up."""
        fields = note.whole["fields"]
        children = self.book.children(note, subtasks=True)
        named = [each["id"] for each in fields["subtasks"]]
        assert sorted(named) == sorted(each.id for each in children), f"{note.key} has the sub-tasks {named}"
        related = [*fields["subtasks"], *([fields["parent"]] if fields.get("parent") else [])]
        related += [link[end] for link in fields["issuelinks"] for _, end in ENDS if end in link]
        for each in related:
            other = self.book.notes[each["id"]]
            really = {name: other.whole["fields"][name] for name in BRIEF}
            assert (each["key"], each["fields"]) == (other.key, really), f"{note.key} shows {other.key} otherwise"
        if fields.get("parent"):
            parent = self.book.notes[fields["parent"]["id"]]
            assert self.book.sees(parent), f"{note.key} has the parent {parent.key}, which is gone"
            assert parent.now["level"] == note.now["level"] + 1, f"{note.key} stands below {parent.key}"
            assert not note.subtask or parent.now["project"] == note.now["project"], f"{note.key} is left behind"
        assert fields.get("parent") or not note.subtask, f"the sub-task {note.key} has no parent"
        for total, part in SUMMED.items():
            values = [x for each in (note, *children) if (x := each.whole["fields"][part]) is not None]
            assert fields[total] == (sum(values) if values else None), f"{note.key}: {total} is {fields[total]}"

    def _links(self, note: Note) -> None:
        """Each link is at its other end too, the other way round."""
        for link in note.whole["fields"]["issuelinks"]:
            for mine, theirs in ENDS:
                if mine in link:
                    other = self.book.notes[link[mine]["id"]]
                    back = [each for each in other.whole["fields"]["issuelinks"] if each["id"] == link["id"]]
                    ids = [each.get(theirs, {}).get("id") for each in back]
                    assert ids == [note.id], f"the link {link['id']} of {note.key} is not at {other.key}: {back}"

    def settle(self, place: Place, state: str) -> None:
        """A project has changed its state: the index takes its issues up or drops them."""
        was, place.state = place.state, state
        for note in self.book.notes.values():
            if note.now["project"] == place.id and not note.gone and TRASHED not in (was, state):
                self.book.feed(note)


def ordered(question: Question, order: str | None, down: bool) -> str:
    return question.jql + (f" ORDER BY {order} {'DESC' if down else 'ASC'}" if order else "")


def _differing(should: Json, now: Json, before: Json | None = None) -> dict[str, tuple[Any, Any]]:
    """The names that two essences or readings differ in, with both values."""
    wrong = {}
    for name in should.keys() | now.keys():
        want, value = should.get(name), now.get(name)
        if want is ANYTHING or (want is NEWER and before is not None and value > before[name]):
            continue
        if want != value:
            wrong[name] = (want, value)
    return wrong
