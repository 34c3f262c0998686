"""Suggestions for somebody who looks for an issue by a word or the beginning of a key."""

import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from flask import Response, request

from fake_jira.errors import Invalid
from fake_jira.jql import find, parse
from fake_jira.model.records import Issue, User
from fake_jira.rest import shapes
from fake_jira.rest.scene import asker, scene, site, user
from fake_jira.rest.wire import answer, chapter, flag, text

picker = chapter("picker")
MOST = 20  # suggestions in a section


@picker.get("/issue/picker")
def get_issue_picker_resource() -> Response:
    """Get issue picker suggestions: of the caller's own issues, and of those that a query finds, if one is given."""
    query, fits = text("query").strip(), _filter()
    own = sorted(_own(user()), key=lambda each: each.updated, reverse=True)
    sections = [_section("hs", "History Search", [each for each in own if fits(each)], query)]
    if "currentJQL" in request.args:
        found = [each for each in _searched(text("currentJQL")) if fits(each)]
        sections.append(_section("cs", "Current Search", found, query))
    return answer({"sections": sections})


def _own(who: User | None) -> Iterator[Issue]:
    """What the caller has to do with: made, reported, assigned, commented or changed."""
    if who is None:
        return
    state, me = site().state, who.account_id
    for issue in state.issues.values():
        people = [issue.creator, issue.reporter, issue.assignee]
        people += [each.author for each in issue.comments]
        people += [each.author for each in issue.history]
        if me in people and state.sees(who, issue):
            yield issue


def _searched(jql: str) -> list[Issue]:
    """What the query finds; one that cannot be read finds nothing."""
    try:
        return find(parse(jql), asker())
    except Invalid:
        return []


def _filter() -> Callable[[Issue], bool]:
    """Whether the request wants to be suggested an issue."""
    state = site().state
    words = text("query").lower().split()
    project_id, current = text("currentProjectId"), state.issue(text("currentIssueKey"))
    subtasks, parents = flag("showSubTasks", default=True), flag("showSubTaskParent", default=True)
    parent_id = current.parent_id if current is not None else None

    def fits(issue: Issue) -> bool:
        return (
            all(word in f"{issue.key} {issue.summary}".lower() for word in words)
            and (not project_id or issue.project_id == project_id)
            and (current is None or issue.id != current.id)
            and (subtasks or not state.types[issue.type_id].subtask)
            and (parents or issue.id != parent_id)
        )

    return fits


def _section(section_id: str, label: str, found: list[Issue], query: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "label": label,
        "id": section_id,
        "issues": [_suggested(each, query) for each in found[:MOST]],
    }
    if not found:
        return shown | {"msg": "No matching issues found"}
    return shown | {"sub": f"Showing {min(len(found), MOST)} of {len(found)} matching issues"}


def _suggested(issue: Issue, query: str) -> dict[str, Any]:
    here = scene()
    return {
        "id": int(issue.id),
        "key": issue.key,
        "keyHtml": _marked(issue.key, query),
        "img": shapes.issue_type(here, here.state.types[issue.type_id])["iconUrl"],
        "summary": _marked(issue.summary, query),
        "summaryText": issue.summary,
    }


def _marked(words: str, query: str) -> str:
    """As HTML, with what was asked for in bold."""
    asked = [re.escape(word) for word in query.split()]
    parts = re.split(f"({'|'.join(asked)})", words, flags=re.IGNORECASE) if asked else [words]
    return "".join(f"<b>{escape(part)}</b>" if place % 2 else escape(part) for place, part in enumerate(parts))
