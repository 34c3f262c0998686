"""The look over the whole: what is too dear to ask after each deed. A deed like others, and the end of a history."""

import orjson
from hypothesis.stateful import rule

from tests.fake_jira.histories.book import TRASHED, Json, Note
from tests.fake_jira.histories.hand import CLOUD
from tests.fake_jira.histories.looking import Looking

BELOW = ("comment", "worklog", "watchers", "votes", "transitions", "remotelink", "editmeta", "properties")
EVERYTHING = "?expand=changelog,renderedFields,names,schema,transitions,operations,editmeta,versionedRepresentations"


class LookingOver(Looking):
    """Every way to the same thing leads to the same thing."""

    @rule()
    def look_over(self) -> None:
        for note in self.book.notes.values():
            self._by_keys(note)
            self._by_lane(note)
            if self.book.sees(note):
                self._below(note)
        if self.hand.flavour == CLOUD:
            self._in_bulk()
        self._counts()

    def _by_keys(self, note: Note) -> None:
        """By every key that it ever had, and nowhere if it is gone."""
        sees = self.book.sees(note)
        for key in (*note.keys, note.key.lower()):
            status, read = self.hand.read(f"issue/{key}")
            assert (status == 200) is sees, f"{key} answers {status}"
            assert not sees or read == note.read, f"{key} reads otherwise than {note.id}"
        for below in () if sees else BELOW:
            status, _ = self.hand.read(f"issue/{note.key}/{below}")
            assert status == 404, f"{note.key} is gone, and its {below} answers {status}"

    def _by_lane(self, note: Note) -> None:
        """For everybody, and with everything that there is to say."""
        for who in ("ada", "vic", "mia"):
            path = f"issue/{note.id}{EVERYTHING}"
            by_lane, beside = self.hand.read(path, who=who), self.hand.read(path, who=who, aside=True)
            assert by_lane == beside, f"{note.key} by the lane is not what {who} reads:\n{by_lane}\n{beside}"

    def _below(self, note: Note) -> None:
        """What has addresses of its own says there what the issue says."""
        fields = note.whole["fields"]
        for below, several in (("comment", "comments"), ("worklog", "worklogs")):
            told = self._read_json(f"issue/{note.key}/{below}")
            assert told["total"] == fields[below]["total"], f"{note.key}: {told['total']} {several}"
            assert told[several] == fields[below][several], f"{note.key} shows its {several} otherwise by themselves"
        for link_id, _, other in note.now["links"]:
            told = self._read_json(f"issueLink/{link_id}")
            ends = {told["inwardIssue"]["id"], told["outwardIssue"]["id"]}
            assert ends == {note.id, other}, f"the link {link_id} is one of {ends}"
        if self.hand.flavour == CLOUD:
            inside = self._read_json(f"issue/{note.id}?fields=status&expand=changelog")["changelog"]["histories"]
            alone = self._read_json(f"issue/{note.id}/changelog")["values"]
            assert alone == inside[::-1], f"{note.key} has a changelog that is not the one that it shows"

    def _read_json(self, path: str) -> Json:
        status, read = self.hand.read(path)
        assert status == 200, f"{path} answers {status}"
        found: Json = orjson.loads(read)
        return found

    def _in_bulk(self) -> None:
        """A bulk fetch shows what single readings show, in the order of ids."""
        ids = list(self.book.notes)
        answer = self.hand.call("POST", "issue/bulkfetch", {"issueIdsOrKeys": ids, "fields": ["*all"]}).content
        shown = orjson.loads(answer.replace(self.hand.url.encode(), b""))["issues"]
        seen = sorted(self.book.seen(), key=lambda note: int(note.id))
        assert [each["id"] for each in shown] == [note.id for note in seen], "a bulk fetch shows others than there are"
        for issue, note in zip(shown, seen, strict=True):
            assert issue["fields"] == note.whole["fields"], f"a bulk fetch shows {note.key} otherwise"

    def _counts(self) -> None:
        """Components and versions know how many issues they have."""
        for kind, names in (("component", ("components",)), ("version", ("fixVersions", "versions"))):
            for part_id, part in self.book.parts[kind].items():
                if self.book.places[part["project"]].state != TRASHED:
                    told = self._read_json(f"{kind}/{part_id}/relatedIssueCounts")
                    numbers = (told.get("issueCount", told.get("issuesFixedCount")), told.get("issuesAffectedCount"))
                    for name, number in zip(names, numbers, strict=False):
                        held = [note.key for note in self.book.seen() if part_id in note.now[name]]
                        assert number == len(held), f"the {kind} {part_id} counts {number} and is on {held}"

    def teardown(self) -> None:
        try:
            if not self.hand.failing:
                self.look_over()
        finally:
            super().teardown()
