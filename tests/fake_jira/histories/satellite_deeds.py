"""Deeds on what belongs to issues: links, comments, worklogs, watchers, votes."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.fake_jira.histories.book import Json, Note
from tests.fake_jira.histories.issue_deeds import SOME_WORDS
from tests.fake_jira.histories.looking import ANYTHING, NEWER, Looking

LINKS = ("Blocks", "Duplicate", "Relates")


class SatelliteDeeds(Looking):
    """What hangs on issues."""

    @rule(data=st.data(), kind=st.sampled_from(LINKS))
    def link(self, data: st.DataObject, kind: str) -> None:
        """Two issues; the same link again changes nothing."""
        source, target = self.some_issue(data), self.some_issue(data)
        ends = {"inwardIssue": {"key": source.key}, "outwardIssue": {"key": target.key}}
        answer = self.hand.call("POST", "issueLink", {"type": {"name": kind}, **ends})
        good = self.book.may_change(source) and self.book.sees(target) and source is not target
        assert answer.ok is good, f"{answer.status_code}: {answer.text}"
        before = {link_id for link_id, _, __ in source.now["links"]}
        there = any(other == target.id for _, __, other in source.now["links"])
        opened = {"links": ANYTHING, "linked": ANYTHING, "updated": ANYTHING if there else NEWER}
        self.look({source.id: opened, target.id: opened} if good else {})
        for link_id, _, __ in source.now["links"]:
            if link_id not in before:
                self.book.give_out("link", link_id)

    @rule(data=st.data())
    def unlink(self, data: st.DataObject) -> None:
        linked = [each for each in self.book.seen() if each.now["links"]]
        if not linked:
            return
        note = self.some_issue(data, linked)
        link_id, _, other = data.draw(st.sampled_from(note.now["links"]), label="link")
        ends = (note, self.book.notes[other])
        answer = self.hand.call("DELETE", f"issueLink/{link_id}")
        good = any(self.book.may_change(each) for each in ends)
        assert answer.ok is good, f"{answer.status_code}: {answer.text}"
        self.look({each.id: {"links": ANYTHING, "linked": ANYTHING, "updated": NEWER} for each in ends} if good else {})
        assert self.hand.read(f"issueLink/{link_id}")[0] == (404 if good else 200)

    @rule(data=st.data(), text=SOME_WORDS)
    def comment(self, data: st.DataObject, text: str) -> None:
        """Mia's comments make her a watcher."""
        note, who = self.some_issue(data), data.draw(st.sampled_from(["ada", "mia"]), label="who")
        followers = self._followers(note)
        answer = self.hand.call("POST", f"issue/{self.called(data, note)}/comment", {"body": text}, who=who)
        assert answer.ok is self.book.may_change(note), f"{answer.status_code}: {answer.text}"
        if not answer.ok:
            self.look({})
            return
        self.book.give_out("comment", answer.json()["id"])
        comments = [*note.now["comments"], (answer.json()["id"], text)]
        self.look({note.id: {"comments": comments, "updated": NEWER} | self._followed(followers | {who})})

    @rule(data=st.data(), text=st.none() | SOME_WORDS)
    def edit_comment(self, data: st.DataObject, text: str | None) -> None:
        """Other words; None takes it away."""
        commented = [each for each in self.book.notes.values() if each.now["comments"]]
        if not commented:
            return
        note = self.some_issue(data, commented)
        comment_id, _ = data.draw(st.sampled_from(note.now["comments"]), label="comment")
        path = f"issue/{note.key}/comment/{comment_id}"
        answer = self.hand.call("PUT", path, {"body": text}) if text else self.hand.call("DELETE", path)
        assert answer.ok is self.book.may_change(note), f"{answer.status_code}: {answer.text}"
        new = [(each, words if each != comment_id else text) for each, words in note.now["comments"]]
        self.look({note.id: {"comments": [x for x in new if x[1]], "updated": NEWER}} if answer.ok else {})
        there = self.book.sees(note) and any(each == comment_id for each, _ in note.now["comments"])
        assert (self.hand.read(path)[0] == 200) is there, f"the comment {comment_id} is {'' if there else 'not '}there"

    @rule(data=st.data(), minutes=st.sampled_from([1, 60, 500]))
    def work(self, data: st.DataObject, minutes: int) -> None:
        note = self.some_issue(data)
        body = {"timeSpentSeconds": minutes * 60, "started": "2026-01-01T00:00:00.000+0000"}
        answer = self.hand.call("POST", f"issue/{note.key}/worklog", body)
        assert answer.ok is self.book.may_change(note), f"{answer.status_code}: {answer.text}"
        if answer.ok:
            self.book.give_out("worklog", answer.json()["id"])
            logged = [*note.now["worklogs"], (answer.json()["id"], minutes * 60)]
            self.look({note.id: self._worked(logged)})
        else:
            self.look({})

    @rule(data=st.data(), minutes=st.sampled_from([0, 30]))
    def edit_work(self, data: st.DataObject, minutes: int) -> None:
        """Other minutes; 0 takes it away."""
        worked = [each for each in self.book.notes.values() if each.now["worklogs"]]
        if not worked:
            return
        note = self.some_issue(data, worked)
        worklog_id, _ = data.draw(st.sampled_from(note.now["worklogs"]), label="worklog")
        path = f"issue/{note.key}/worklog/{worklog_id}"
        body = {"timeSpentSeconds": minutes * 60}
        answer = self.hand.call("PUT", path, body) if minutes else self.hand.call("DELETE", path)
        assert answer.ok is self.book.may_change(note), f"{answer.status_code}: {answer.text}"
        new = [(each, minutes * 60 if each == worklog_id else was) for each, was in note.now["worklogs"]]
        self.look({note.id: self._worked([each for each in new if each[1]])} if answer.ok else {})

    def _worked(self, worklogs: list[tuple[str, int]]) -> Json:
        return {"worklogs": worklogs, "spent": ANYTHING, "left": ANYTHING, "updated": NEWER}

    @rule(data=st.data(), who=st.sampled_from(["ada", "mia"]), off=st.booleans())
    def watch(self, data: st.DataObject, who: str, off: bool) -> None:
        """Watching makes no issue newer; nor does an end of it."""
        note = self.some_issue(data)
        followers = self._followers(note)
        word, (named, _, __) = next(iter(self.people[who][0])), self.people[who]
        if off:
            query = "accountId" if word == "accountId" else "username"
            answer = self.hand.call("DELETE", f"issue/{note.key}/watchers?{query}={named[word]}")
        else:
            answer = self.hand.call("POST", f"issue/{note.key}/watchers", named[word])
        assert answer.ok or not self.book.may_change(note), f"{answer.status_code}: {answer.text}"
        assert self.book.sees(note) or not answer.ok
        now = followers - {who} if off else followers | {who}
        changes = {name: value for name, value in self._followed(now).items() if note.now[name] != value}
        self.look({note.id: changes} if answer.ok and changes else {})

    def _followers(self, note: Note) -> set[str]:
        """Who watches, which the number must agree with."""
        if not self.book.sees(note):
            return set()
        told = self.hand.call("GET", f"issue/{note.key}/watchers").json()
        ids = {each.get("accountId") or each["key"] for each in told["watchers"]}
        assert told["watchCount"] == len(told["watchers"]) == note.now["watchers"], f"{note.key}: miscounted watchers"
        return {name for name, (_, __, known) in self.people.items() if known in ids}

    def _followed(self, who: set[str]) -> Json:
        return {"watchers": len(who), "watching": "ada" in who}

    @rule(data=st.data(), who=st.sampled_from(["vic", "mia"]), off=st.booleans())
    def vote(self, data: st.DataObject, who: str, off: bool) -> None:
        """A vote counts once; resolved issues take none."""
        note = self.some_issue(data)
        told = self.hand.call("GET", f"issue/{note.key}/votes").json() if self.book.sees(note) else {"voters": []}
        ids = {each.get("accountId") or each["key"] for each in told["voters"]}
        assert not self.book.sees(note) or told["votes"] == len(ids) == note.now["votes"], f"{note.key}: {told}"
        answer = self.hand.call("DELETE" if off else "POST", f"issue/{note.key}/votes", who=who)
        own = self.people[who][2] in ids
        assert self.book.sees(note) or not answer.ok
        votes = len(ids) + (own * -1 if off else not own)
        self.look({note.id: {"votes": votes}} if answer.ok and votes != note.now["votes"] else {})
