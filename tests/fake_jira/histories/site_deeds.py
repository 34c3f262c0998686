"""Deeds on projects and their parts: keys, archive, trash, components, versions."""

import itertools

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.fake_jira.histories.book import ARCHIVED, LIVE, TRASHED
from tests.fake_jira.histories.hand import CLOUD
from tests.fake_jira.histories.looking import ANYTHING, NEWER, Looking

NAMES = ("Core", "Edge", "Door")


class SiteDeeds(Looking):
    """What stands around issues."""

    def __init__(self) -> None:
        super().__init__()
        self.new_keys = (f"P{number}" for number in itertools.count(1))

    @rule(data=st.data())
    def archive_project(self, data: st.DataObject) -> None:
        """Its issues can be read, and not found or changed."""
        place = self.some_place(data)
        answer = self.hand.call("POST" if self.hand.flavour == CLOUD else "PUT", f"project/{place.key}/archive")
        assert answer.ok is (place.state == LIVE), f"{answer.status_code}: {answer.text}"
        if answer.ok:
            self.settle(place, ARCHIVED)
        self.look({})

    @precondition(lambda self: self.hand.flavour == CLOUD)
    @rule(data=st.data())
    def trash_project(self, data: st.DataObject) -> None:
        """It is gone with its issues, until it is restored."""
        place = self.some_place(data)
        if place.state == TRASHED:
            return
        answer = self.hand.call("DELETE", f"project/{place.key}?enableUndo=true")
        assert answer.ok is (place.state == LIVE), f"{answer.status_code}: {answer.text}"
        if answer.ok:
            self.settle(place, TRASHED)
        self.look(None)

    @rule(data=st.data())
    def restore_project(self, data: st.DataObject) -> None:
        away = [each for each in self.book.places.values() if each.state != LIVE]
        if not away:
            return
        place = data.draw(st.sampled_from(away), label="project")
        answer = self.hand.call("POST" if self.hand.flavour == CLOUD else "PUT", f"project/{place.id}/restore")
        assert answer.ok, f"{answer.status_code}: {answer.text}"
        self.settle(place, LIVE)
        self.look(None)

    @rule(data=st.data(), back=st.booleans())
    def rename_project(self, data: st.DataObject, back: bool) -> None:
        """Another key, or its first one again: all its issues have other keys, and the old ones lead there."""
        place = self.some_place(data)
        key = place.keys[0] if back else next(self.new_keys)
        answer = self.hand.call("PUT", f"project/{place.id}", {"key": key})
        assert answer.ok is (place.state == LIVE), f"{answer.status_code}: {answer.text}"
        if not answer.ok or key == place.key:
            self.look({})
            return
        place.keys.append(key)
        self.look({each.id: {"key": ANYTHING} for each in self.book.seen() if each.now["project"] == place.id})

    @rule(data=st.data(), kind=st.sampled_from(["component", "version"]), name=st.sampled_from(NAMES))
    def make_part(self, data: st.DataObject, kind: str, name: str) -> None:
        """A component or version; a project has none twice."""
        place = self.some_place(data)
        body = (
            {"name": name, "project": place.key} if kind == "component" else {"name": name, "projectId": int(place.id)}
        )
        answer = self.hand.call("POST", kind, body)
        parts = self.book.parts[kind]
        taken = (place.id, name) in {(each["project"], each["name"]) for each in parts.values()}
        assert answer.ok is (place.state == LIVE and not taken), f"{answer.status_code}: {answer.text}"
        if answer.ok:
            self.book.give_out(kind, answer.json()["id"])
            parts[answer.json()["id"]] = {"name": name, "project": place.id}
        self.look({})

    @rule(data=st.data(), kind=st.sampled_from(["component", "version"]), name=st.sampled_from(NAMES))
    def rename_part(self, data: st.DataObject, kind: str, name: str) -> None:
        """Issues show the new name at once."""
        parts = self.book.parts[kind]
        if not parts:
            return
        part_id = data.draw(st.sampled_from(sorted(parts, key=int)), label=kind)
        part = parts[part_id]
        answer = self.hand.call("PUT", f"{kind}/{part_id}", {"name": name})
        others = {
            each["name"] for each_id, each in parts.items() if each["project"] == part["project"] and each_id != part_id
        }
        good = self.book.places[part["project"]].state == LIVE and name not in others
        assert answer.ok is good, f"{answer.status_code}: {answer.text}"
        if good:
            part["name"] = name
        self.look(None)
        for note in self.book.seen():
            field = "components" if kind == "component" else "fixVersions"
            shown = {each["id"]: each["name"] for each in note.whole["fields"][field]}
            assert shown == {each: parts[each]["name"] for each in note.now[field]}, f"{note.key} shows an old name"

    @rule(data=st.data(), kind=st.sampled_from(["component", "version"]))
    def delete_part(self, data: st.DataObject, kind: str) -> None:
        """Its issues get another one in its place, or none."""
        parts = self.book.parts[kind]
        if not parts:
            return
        part_id = data.draw(st.sampled_from(sorted(parts, key=int)), label=kind)
        place = self.book.places[parts[part_id]["project"]]
        others = [each for each, part in parts.items() if part["project"] == place.id and each != part_id]
        instead = data.draw(st.sampled_from([None, *others]), label="instead")
        if kind == "component":
            answer = self.hand.call("DELETE", f"component/{part_id}{f'?moveIssuesTo={instead}' if instead else ''}")
        else:
            swap = {"moveFixIssuesTo": int(instead), "moveAffectedIssuesTo": int(instead)} if instead else {}
            answer = self.hand.call("POST", f"version/{part_id}/removeAndSwap", swap)
        assert answer.ok is (place.state == LIVE), f"{answer.status_code}: {answer.text}"
        if not answer.ok:
            self.look({})
            return
        del parts[part_id]
        changes = {}
        for note in self.book.seen():
            for name in ("components",) if kind == "component" else ("fixVersions", "versions"):
                if part_id in note.now[name]:
                    left = {each for each in note.now[name] if each != part_id} | ({instead} if instead else set())
                    changes.setdefault(note.id, {"updated": NEWER})[name] = sorted(left)
        self.look(changes)
