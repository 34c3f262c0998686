"""Deeds on the world: the lag of its index, its clock, its copies; and searches, which see what the index shows."""

import itertools
import tempfile
from pathlib import Path

import orjson
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.fake_jira.histories.book import Book, Json, essence
from tests.fake_jira.histories.hand import CLOUD
from tests.fake_jira.histories.looking import ORDERS, Looking, ordered
from tests.fake_jira.histories.questions import any_question

DELAY = 110  # seconds; what a history takes in real time is far less than the ten by which steps of a minute miss it
NOT_BY_INDEX = ("links", "linked", "parent")  # what an old version says of other issues, they say themselves


class WorldDeeds(Looking):
    """Time, copies of the world, and searches."""

    def __init__(self) -> None:
        super().__init__()
        self.snapshots: dict[str, Book] = {}
        self.left: tuple[str, Book] | None = None

    @rule(delay=st.sampled_from([0, DELAY]))
    def lag(self, delay: int) -> None:
        """Let the index be behind, or not."""
        assert self.hand.control("PATCH", "settings", {"index_delay": delay}).ok
        self.book.delay = delay
        self.look({})

    @rule(minutes=st.sampled_from([1, 2, 90]))
    def wait(self, minutes: int) -> None:
        assert self.hand.control("POST", "clock", {"advance": f"{minutes}m"}).ok
        self.book.clock += minutes * 60
        self.look({})

    @rule(name=st.sampled_from(["one", "two"]))
    def remember(self, name: str) -> None:
        answer = self.hand.control("POST", f"worlds/{self.hand.world}/snapshot", {"name": name})
        assert answer.ok, answer.text
        self.snapshots[name] = self.book.copy()
        self.look({})

    @precondition(lambda self: self.snapshots)
    @rule(data=st.data())
    def go_back(self, data: st.DataObject) -> None:
        """To a snapshot: everything is as it was, time and index too."""
        name = data.draw(st.sampled_from(sorted(self.snapshots)), label="snapshot")
        assert self.hand.control("POST", f"worlds/{self.hand.world}/restore", {"name": name}).ok
        self.book = self.snapshots[name].copy()
        self.time_is_right()
        self.look({})

    def time_is_right(self) -> None:
        offset = self.hand.control("GET", "clock").json()["offset_seconds"]
        ahead = round(offset - self.hand.offset)
        assert ahead == self.book.clock, f"the clock is {ahead} seconds ahead and should be {self.book.clock}"
        delay = self.hand.control("GET", "settings").json()["index_delay"]
        assert delay == self.book.delay, f"the index lags by {delay} seconds and should by {self.book.delay}"

    @precondition(lambda self: self.left is None)
    @rule()
    def fork(self) -> None:
        """Go on in a copy; the original stays as it was left."""
        old = self.hand.world
        answer = self.hand.control("POST", f"worlds/{old}/fork", {"name": f"{old}-fork"})
        assert answer.ok, answer.text
        self.hand.made.append(f"{old}-fork")
        self.left = (old, self.book.copy())
        self.snapshots = {}
        self.hand.go_to(f"{old}-fork")
        self.time_is_right()
        self.look({})

    @precondition(lambda self: self.left is not None)
    @rule()
    def go_to_the_other(self) -> None:
        """Where the other copy was left nothing has changed meanwhile."""
        assert self.left is not None
        (world, book), self.left = self.left, (self.hand.world, self.book)
        self.book, self.snapshots = book, {}
        self.hand.go_to(world)
        self.time_is_right()
        self.look({})

    @rule()
    def save_and_load(self) -> None:
        """Afterwards searches see everything at once."""
        with tempfile.TemporaryDirectory() as folder:
            self.hand.save_and_load(Path(folder) / "state.json")
        self.snapshots = {}
        for note in self.book.notes.values():
            note.indexed = [(self.book.clock, note.now if self.book.indexable(note) else None)]
        self.time_is_right()
        self.look({})

    @rule(data=st.data(), who=st.sampled_from(["vic"]))
    def hide_project(self, data: st.DataObject, who: str) -> None:
        """Take Vic's permission to browse a project away, or give it back."""
        place = self.some_place(data)
        hidden = place.id not in self.book.hidden_from_vic
        body = {"user": "viewer@example.com", "project": place.key, "permission": "BROWSE_PROJECTS", "held": not hidden}
        assert self.hand.control("PUT", "permissions", body).ok
        (self.book.hidden_from_vic.add if hidden else self.book.hidden_from_vic.discard)(place.id)
        self.look({})
        for note in self.book.notes.values():
            status, _ = by_lane = self.hand.read(f"issue/{note.id}", who=who)
            assert by_lane == self.hand.read(f"issue/{note.id}", who=who, aside=True), (
                f"{who} reads by the lane otherwise"
            )
            seen = self.book.sees(note) and note.now["project"] not in self.book.hidden_from_vic
            assert (status == 200) is seen, f"{who} reads {note.key}: {status}"

    @rule(who=st.sampled_from(["ada", "vic"]))
    def search(self, who: str) -> None:
        """A question, asked of the index and answered by single reads alone."""
        question = any_question(self.book, self.people, self.random)
        if "currentUser" in question.jql:
            who = "ada"
        order, down = self.random.choice(ORDERS), self.random.random() < 0.5
        jql, expected = ordered(question, order, down), self.in_order(self.expected(question, who), order, down)
        found = self.hand.call("POST", *self._asked(jql, ["*all"], who), who=who)
        assert found.ok, f"{jql}: {found.text}"
        issues = found.json()["issues"]
        ids = [each["id"] for each in issues]
        assert ids == expected, f"{jql} finds {ids} and should find {expected}"
        for issue in issues:
            self._is_as_indexed(issue, who)
        self._by_pages(jql, expected, self.random.randint(1, 3), who)

    def _asked(
        self, jql: str, fields: list[str], who: str = "ada", size: int = 100, **more: object
    ) -> tuple[str, Json]:
        """Path and body. Data Center refuses to search for what the caller may not see, unless told not to look."""
        body = {"jql": jql, "fields": fields, "maxResults": size, **more}
        if self.hand.flavour == CLOUD:
            return "search/jql", body
        return "search", body | ({"validateQuery": False} if who == "vic" else {})

    def _is_as_indexed(self, issue: Json, who: str) -> None:
        """What a search shows is the version that the index has; the present one is what a reading shows."""
        note = self.book.notes[issue["id"]]
        now, shown = essence(issue, self.book.customs), self.book.shown(note)
        mine = ("watching", *(NOT_BY_INDEX if self.book.lags() or who == "vic" else ()))
        wrong = {name: (value, now[name]) for name, value in shown.items() if name not in mine and now[name] != value}
        assert not wrong, f"a search shows {note.key} otherwise than it is; should be and is: {wrong}"
        if who == "ada" and not self.book.lags():
            read = note.whole["fields"]
            fields = orjson.loads(orjson.dumps(issue["fields"]).replace(self.hand.url.encode(), b""))
            assert fields == read, f"a search shows {note.key} otherwise than a reading"

    def _by_pages(self, jql: str, expected: list[str], size: int, who: str) -> None:
        """Page by page it is the same, and counted right."""
        ids: list[str] = []
        more: Json = {}
        for _ in itertools.count():
            page = self.hand.call("POST", *self._asked(jql, ["key"], who, size, **more), who=who).json()
            ids += [each["id"] for each in page["issues"]]
            if self.hand.flavour == CLOUD:
                more = {"nextPageToken": page.get("nextPageToken")}
                if page["isLast"]:
                    break
            else:
                assert page["total"] == len(expected), f"{jql}: {page['total']} of {len(expected)}"
                more = {"startAt": len(ids)}
                if len(ids) >= page["total"] or not page["issues"]:
                    break
        assert ids == expected, f"{jql} by pages of {size} finds {ids} and should find {expected}"
        if self.hand.flavour == CLOUD:
            count = self.hand.call("POST", "search/approximate-count", {"jql": jql}, who=who).json()["count"]
            assert count == len(expected), f"{jql} counts {count} and should count {len(expected)}"

    @precondition(lambda self: self.hand.flavour == CLOUD)
    @rule()
    def search_and_reconcile(self) -> None:
        """Named issues are read as they are, whatever the index has."""
        question = any_question(self.book, self.people, self.random)
        ids = [int(each) for each in self.book.notes]
        answer = self.hand.call("POST", *self._asked(question.jql, ["*all"], reconcileIssues=ids))
        assert answer.ok, answer.text
        found = {each["id"]: essence(each, self.book.customs) for each in answer.json()["issues"]}
        expected = self.book.found(question.test, strong=True)
        assert sorted(found) == sorted(expected), f"{question.jql} finds {sorted(found)} and should find {expected}"
        for each, now in found.items():
            assert now == self.book.notes[each].now, f"{each} is shown otherwise than it is"
