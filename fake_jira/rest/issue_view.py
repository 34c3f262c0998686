"""Issues -> JSON: which fields, in which form, and what `expand` adds [jira 5.4].

What was rendered is kept for as long as the issue's record is the current one, so that reading a page of a hundred
issues again costs no more than putting it together.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from fake_jira.flavours import Scene
from fake_jira.model.fields import field_applies, in_use
from fake_jira.model.records import Change, Comment, Issue, RichText
from fake_jira.model.workflows import offers
from fake_jira.rest import custom_values, shapes
from fake_jira.rest.createmeta_view import edit_fields
from fake_jira.rest.history import named_in_history, told_history
from fake_jira.rest.issue_operations import operations
from fake_jira.rest.project_view import FIELDS as OF_PROJECTS
from fake_jira.rest.richtext import as_document, as_html
from fake_jira.rest.satellite_view import AGGREGATES
from fake_jira.rest.satellite_view import FIELDS as SATELLITES
from fake_jira.rest.scene import caller, may_on, user, world
from fake_jira.rest.security_field import FIELDS as SECURITY
from fake_jira.rest.visibility import seen
from fake_jira.worlds import Footing

Json = dict[str, Any]
SINGLE_EXPAND = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
SEARCH_EXPAND = "operations,versionedRepresentations,editmeta,changelog,renderedFields"
ALWAYS_WITH = {"id", "key"}  # asked for like fields, shown beside them
# fields that mention other issues, so that no record tells whether they are current
RELATED = {"parent", "subtasks", "issuelinks", *AGGREGATES}
VIEWS = 256  # kinds of answers whose issues are kept


def _rich(scene: Scene, text: RichText | None) -> Any:
    if text is None:
        return None
    return as_document(text) if scene.version == "3" else text.text


def brief(scene: Scene, issue: Issue) -> Json:
    """Another issue as `parent` and `subtasks` show it."""
    names = ("summary", "status", "priority", "issuetype")
    fields = {name: FIELDS[name](scene, issue) for name in names}
    return {"id": issue.id, "key": issue.key, "self": f"{scene.api}/issue/{issue.id}", "fields": fields}


def _parent(scene: Scene, issue: Issue) -> Json | None:
    parent = scene.state.issues.get(issue.parent_id or "")
    return brief(scene, parent) if parent and scene.state.sees(user(), parent) else None


def _subtasks(scene: Scene, issue: Issue) -> list[Json]:
    children = [scene.state.issues[each] for each in scene.state.children.get(issue.id, ())]
    subtasks = [each for each in children if scene.state.types[each.type_id].subtask]
    return [brief(scene, each) for each in subtasks if scene.state.sees(user(), each)]


def _links(scene: Scene, issue: Issue) -> list[Json]:
    """The links of the issue, each with the other one; what the caller may not see is not mentioned."""
    state, shown = scene.state, []
    for each in issue.links:
        inward = each.target == issue.id
        other = state.issues.get(each.source if inward else each.target)
        if other is None or each.type_id not in state.link_types or not state.sees(user(), other):
            continue  # the index may still have a link that went with the issue at its end or with its type
        shown.append(
            {
                "id": each.id,
                "self": f"{scene.api}/issueLink/{each.id}",
                "type": shapes.link_type(scene, state.link_types[each.type_id]),
                "inwardIssue" if inward else "outwardIssue": brief(scene, other),
            }
        )
    return shown


def comments_page(scene: Scene, issue: Issue, comments: Sequence[Comment], start: int, size: int) -> Json:
    """The page of comments within and beside issues; without isLast [jira 5.10]."""
    shown = [shapes.comment(scene, issue.id, each) for each in comments[start : start + size]]
    return {"startAt": start, "maxResults": size, "total": len(comments), "comments": shown}


def _all_comments(scene: Scene, issue: Issue) -> Json:
    shown = list(seen(issue.comments, issue))
    address = {"self": f"{scene.api}/issue/{issue.id}/comment"}
    return comments_page(scene, issue, shown, 0, len(shown)) | address


FIELDS: dict[str, Callable[[Scene, Issue], Any]] = {
    "statuscategorychangedate": lambda scene, issue: scene.stamp(issue.category_changed),
    "issuetype": lambda scene, issue: shapes.issue_type(scene, scene.state.types[issue.type_id]),
    "parent": _parent,
    "project": lambda scene, issue: shapes.project(scene, scene.state.projects[issue.project_id]),
    "resolution": lambda scene, issue: (
        shapes.resolution(scene, scene.state.resolutions[issue.resolution_id]) if issue.resolution_id else None
    ),
    "resolutiondate": lambda scene, issue: scene.stamp_or_none(issue.resolved),
    "created": lambda scene, issue: scene.stamp(issue.created),
    "priority": lambda scene, issue: (
        shapes.priority(scene, scene.state.priorities[issue.priority_id]) if issue.priority_id else None
    ),
    "labels": lambda _, issue: list(issue.labels),
    "assignee": lambda scene, issue: shapes.user_by_id(scene, issue.assignee),
    "updated": lambda scene, issue: scene.stamp(issue.updated),
    "status": lambda scene, issue: shapes.status(scene, scene.state.statuses[issue.status_id]),
    "statusCategory": lambda scene, issue: shapes.category(
        scene, scene.state.categories[scene.state.statuses[issue.status_id].category_id]
    ),
    "description": lambda scene, issue: _rich(scene, issue.description),
    "summary": lambda _, issue: issue.summary,
    "creator": lambda scene, issue: shapes.user_by_id(scene, issue.creator),
    "subtasks": _subtasks,
    "reporter": lambda scene, issue: shapes.user_by_id(scene, issue.reporter),
    "environment": lambda scene, issue: _rich(scene, issue.environment),
    "duedate": lambda _, issue: issue.due.isoformat() if issue.due else None,
    "comment": _all_comments,
    "issuelinks": _links,
    **OF_PROJECTS,
    **SATELLITES,
    **SECURITY,
}


def value_of(scene: Scene, issue: Issue, name: str) -> Any:
    """What a field shows, the system's own or a custom one."""
    if name in FIELDS:
        return FIELDS[name](scene, issue)
    return custom_values.shown(scene, scene.state.fields[name], dict(issue.custom).get(name))


def _shown_fields(view: "View", issue: Issue) -> Json:
    """The values of the view's fields; a custom field is shown where it applies, and `parent` where there is one."""
    scene, custom = view.scene, view.scene.state.contexts
    values = {
        name: value_of(scene, issue, name)
        for name in view.fields
        if name in FIELDS or (custom and field_applies(scene.state, name, issue.project_id, issue.type_id))
    }
    if values.get("parent", issue) is None:
        del values["parent"]
    return values


@dataclass(frozen=True)
class View:
    """How issues are shown: `fields` to render, `bare` = only what stands beside the fields, e.g. ("id",).

    `changes`: how many entries of the changelog are shown at most, None = all.
    """

    scene: Scene
    fields: tuple[str, ...]
    expand: frozenset[str] = frozenset()
    properties: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    expandable: str = SINGLE_EXPAND
    changes: int | None = None


def chosen_fields(scene: Scene, asked: Collection[str] | None, default: str) -> tuple[str, ...]:
    """The field ids that `fields` stands for: names, *all, *navigable, and -name to leave one out.

    Only leaving out means leaving out of everything. Names that no field has are ignored.
    """
    asked = list(asked) if asked else [default]
    if all(name.startswith("-") for name in asked):
        asked = ["*all", *asked]
    chosen: set[str] = set()
    for name in asked:
        if name == "*all":
            chosen |= FIELDS.keys() | _custom(scene)
        elif name == "*navigable":
            chosen |= {each.id for each in scene.state.fields.values() if each.navigable}
        elif not name.startswith("-"):
            chosen.add(name)
    chosen -= {name.removeprefix("-") for name in asked if name.startswith("-")}
    own = [name for name in scene.state.fields if name in chosen and in_use(scene.state.fields[name])]
    return tuple([field for field in FIELDS if field in chosen and field in scene.state.fields] + own)


def _custom(scene: Scene) -> set[str]:
    return {each.id for each in scene.state.fields.values() if in_use(each)}


_kept: dict[object, WeakKeyDictionary[Issue, orjson.Fragment]] = {}


def rendered(view: View, issues: Sequence[Issue]) -> list[orjson.Fragment]:
    """The issues as JSON that is ready to be sent."""
    kept = _kept_for(view)
    related = not RELATED.isdisjoint(view.fields) or bool(view.expand)
    fragments = []
    for issue in issues:
        alone = not related or not (
            view.expand or issue.parent_id or issue.links or issue.id in view.scene.state.children
        )
        fragment = kept.get(issue) if alone else None
        if fragment is None:
            fragment = orjson.Fragment(orjson.dumps(shown(view, issue)))
            if alone:
                kept[issue] = fragment
        fragments.append(fragment)
    return fragments


def footing(issue: Issue, asked: str) -> Footing:
    """What the reading of an issue by the id or key `asked` rests on, the caller's credential included.

    What a caller may see is part of the state's edition, which every change of a permission moves on.
    """
    state = world().state
    related = [issue.parent_id or "", *state.children.get(issue.id, ())]
    related += [end for link in issue.links for end in (link.source, link.target)]
    related += named_in_history(state, issue)
    return world().footing(
        *caller().rests_on,
        (state.keys, asked.upper(), state.keys.get(asked.upper())),
        (state.children, issue.id, state.children.get(issue.id)),
        *((state.issues, each, state.issues.get(each)) for each in {issue.id, *related}),
    )


def _kept_for(view: View) -> WeakKeyDictionary[Issue, orjson.Fragment]:
    scene = view.scene
    who = user()
    place = (scene.state.edition, scene.site, scene.asked, str(scene.zone), who and who.account_id)
    key = (*place, view.fields, view.properties, view.bare, view.expandable)
    found = _kept.get(key)
    if found is None:
        if len(_kept) >= VIEWS:
            _kept.clear()
        found = _kept.setdefault(key, WeakKeyDictionary())
    return found


def shown(view: View, issue: Issue) -> Json:
    """One issue."""
    scene = view.scene
    if view.bare == ("id",):
        return {"id": issue.id}
    whole: Json = {
        "expand": view.expandable,
        "id": issue.id,
        "self": f"{scene.site}/rest/api/{scene.asked}/issue/{issue.id}",
        "key": issue.key,
    }
    if view.properties:
        asked = dict(issue.properties)
        names = asked if "*all" in view.properties else view.properties
        whole["properties"] = {name: orjson.Fragment(asked[name]) for name in names if name in asked}
    if not view.bare:
        whole["fields"] = _shown_fields(view, issue)
    for name in view.expand & EXPANSIONS.keys():
        whole[name] = EXPANSIONS[name](view, issue)
    return whole


def names(view: View) -> dict[str, str]:
    return {name: view.scene.state.fields[name].name for name in view.fields}


def schemas(view: View) -> dict[str, Json]:
    return {name: shapes.schema(view.scene.state.fields[name]) for name in view.fields}


def change(scene: Scene, each: Change) -> Json:
    """One entry of the changelog."""
    items = [
        scene.flavour.change_item(
            scene,
            {
                "field": item.field,
                "fieldtype": item.field_type,
                **({"fieldId": item.field_id} if item.field_id else {}),
                "from": item.old,
                "fromString": item.old_string,
                "to": item.new,
                "toString": item.new_string,
            },
        )
        for item in each.items
    ]
    author = {"author": shapes.user_by_id(scene, each.author)} if each.author else {}
    metadata = {"historyMetadata": orjson.Fragment(each.metadata)} if each.metadata else {}
    return {"id": each.id, **author, "created": scene.stamp(each.created), "items": items, **metadata}


def _changelog(view: View, issue: Issue) -> Json:
    """In the flavour's order here, oldest first at the changelog's own address [jira 5.9]."""
    told = told_history(issue)
    histories = [change(view.scene, each) for each in view.scene.flavour.history(told)[: view.changes]]
    return {"startAt": 0, "maxResults": len(histories), "total": len(told), "histories": histories}


def _rendered_fields(view: View, issue: Issue) -> Json:
    """Texts as HTML and instants in words; null for what has no other form."""
    found: Json = dict.fromkeys(view.fields)
    for name, text in (("description", issue.description), ("environment", issue.environment)):
        if name in found:
            found[name] = as_html(text) if text else ""
    kept = dict(issue.custom)
    for name in found.keys() & kept.keys():
        found[name] = custom_values.as_html(view.scene.state.fields[name], kept[name])
    instants = {"created": issue.created, "updated": issue.updated, "resolutiondate": issue.resolved}
    for name, instant in instants.items():
        if name in found and instant:
            found[name] = instant.astimezone(view.scene.zone).strftime("%d/%b/%y %-I:%M %p")
    return found


def _transitions(view: View, issue: Issue) -> list[Json]:
    if not may_on("TRANSITION_ISSUES", issue):
        return []
    offered = offers(view.scene.state, issue, user())
    return [shapes.transition(view.scene, each.transition) for each in offered if each.available]


EXPANSIONS: dict[str, Callable[[View, Issue], Any]] = {
    "changelog": _changelog,
    "renderedFields": _rendered_fields,
    "names": lambda view, _: names(view),
    "schema": lambda view, _: schemas(view),
    "operations": lambda view, issue: operations(view.scene, issue),
    "editmeta": lambda view, issue: {"fields": edit_fields(view.scene, issue)},
    "transitions": _transitions,
    "versionedRepresentations": lambda view, issue: {
        name: {"1": value} for name, value in _shown_fields(view, issue).items()
    },
}
