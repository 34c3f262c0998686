"""Issues, projects and users as a test needs them: made, moved and deleted without permissions and without faults."""

import re
from typing import Any

from flask import Response, request

from fake_jira.control.fake import here
from fake_jira.control.reading import Conflict, Refused, answer, checked, given, instant, needed, number, shown
from fake_jira.errors import NotThere
from fake_jira.model.catalogue import add_project
from fake_jira.model.issues import create_issue, delete_issue, move_issue, restore_issue, transition_to
from fake_jira.model.people import add_user
from fake_jira.model.records import Issue, Project, User
from fake_jira.model.workflows import STOCK
from fake_jira.worlds import World

NEW = {"project": str, "summary": str, "type": str, "status": str, "key": str, "created": str}
PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,9}")
PAGE = 1000


def listing() -> Response:
    """All issues, deleted ones too, in the order they were made."""
    world = here()
    with world.lock:
        issues = {**world.state.issues, **world.state.trash}
        wanted = request.args.get("project")
        if wanted is not None:
            project = _project(world, wanted)
            issues = {each: issue for each, issue in issues.items() if issue.project_id == project.id}
        start, limit = number("start", default=0) or 0, number("limit", 1, PAGE)
        page = sorted(issues, key=int)[start : start + (limit or PAGE)]
        return answer({"issues": [_shown(world, issues[each]) for each in page], "total": len(issues)})


def create() -> Response:
    """One issue, or with {"issues": [...]} many: then all or none."""
    body = given(issues=list, **NEW)
    world = here()
    if "issues" not in body:
        with world.lock:
            return answer(_created(world, body), 201)
    if len(body) > 1:
        raise Refused("Give either 'issues' or one issue's properties, not both.")
    with world.lock:
        before = world.state.copy()
        try:
            made = [
                _created(world, checked(each, NEW, f"issues[{index}]")) for index, each in enumerate(body["issues"])
            ]
        except Exception:
            world.state = before
            raise
    return answer({"issues": made}, 201)


def transition(key: str) -> Response:
    body = given(to=str)
    needed(body, "to")
    world = here()
    with world.lock:
        issue = transition_to(world.site, world.site.issue(key), _somebody(world), body["to"])
        return answer(_shown(world, issue))


def move(key: str) -> Response:
    """To another project: a new key, the same id. A sub-task goes where its parent goes, and not by itself."""
    body = given(project=str)
    needed(body, "project")
    world = here()
    with world.lock:
        issue, project = world.site.issue(key), _project(world, body["project"])
        if world.state.types[issue.type_id].subtask:
            raise Conflict(f"{issue.key} is a sub-task and moves with its parent.")
        return answer(_shown(world, move_issue(world.site, issue, _somebody(world), project)))


def restore(key: str) -> Response:
    given()
    world = here()
    with world.lock:
        return answer(_shown(world, restore_issue(world.site, key)))


def delete(key: str) -> Response:
    world = here()
    with world.lock:
        delete_issue(world.site, world.site.issue(key))
    return answer(None, 204)


def projects() -> Response:
    found = here().state.projects.values()
    return answer({"projects": [{"id": each.id, "key": each.key, "name": each.name} for each in found]})


def create_project() -> Response:
    body = given(key=str, name=str, workflow=str)
    needed(body, "key", "name")
    workflow = STOCK.get(body.get("workflow", "simplified"))
    if workflow is None:
        raise Refused(f"The workflow is one of: {', '.join(STOCK)}; not {body['workflow']!r}.")
    if not PROJECT_KEY.fullmatch(body["key"]):
        raise Refused(f"A project key has 2 to 10 capital letters, digits and _, a letter first; not {body['key']!r}.")
    world = here()
    with world.lock:
        if world.state.project(body["key"]) is not None:
            raise Conflict(f"There is already a project {body['key']}.")
        lead = _somebody(world).account_id
        project = add_project(world.site, body["key"], body["name"], lead=lead, workflow=workflow)
    return answer({"id": project.id, "key": project.key, "name": project.name}, 201)


def create_user() -> Response:
    """A user with one API token, who may work in every project; `admin` may administer too."""
    body = given(email=str, name=str, token=str, admin=bool)
    needed(body, "email", "token")
    world = here()
    role = "admin" if body.get("admin") else "member"
    with world.lock:
        if world.state.user(body["email"]) or body["token"] in world.state.tokens:
            raise Conflict(f"There is already a user {body['email']} or one with this token.")
        user = add_user(world.site, body["email"], body.get("name", body["email"]), body["token"], role=role)
    return answer({"account_id": user.account_id, "email": user.email, "name": user.display_name}, 201)


def _created(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    needed(wanted, "project")
    site, project = world.site, _project(world, wanted["project"])
    type_name, status = wanted.get("type", "Task"), wanted.get("status")
    type_id = next((t.id for t in world.state.types.values() if t.name.lower() == type_name.lower()), None)
    if type_id is None:
        names = ", ".join(each.name for each in world.state.types.values())
        raise Refused(f"There is no issue type {type_name!r}; there are {names}.")
    if status is not None and world.state.status_named(status) is None:
        names = ", ".join(each.name for each in world.state.statuses.values())
        raise Refused(f"There is no status {status!r}; there are {names}.")
    created = instant("created", wanted["created"]) if "created" in wanted else None
    if created is not None and created > world.clock.now():
        raise Refused(f"'created' is {wanted['created']}, which this world's clock has not reached.")
    issue = create_issue(
        site,
        project,
        _somebody(world),
        type_id=type_id,
        summary=wanted.get("summary", "Made by a test"),
        key=wanted.get("key"),
        created=created,
    )
    if status is not None and world.state.status_named(status) != world.state.statuses[issue.status_id]:
        issue = transition_to(site, issue, _somebody(world), status)
    return _shown(world, issue)


def _shown(world: World, issue: Issue) -> dict[str, Any]:
    return {
        "id": issue.id,
        "key": issue.key,
        "project": world.state.projects[issue.project_id].key,
        "project_id": issue.project_id,
        "summary": issue.summary,
        "status": world.state.statuses[issue.status_id].name,
        "created": shown(issue.created),
        "updated": shown(issue.updated),
        "deleted": issue.id in world.state.trash,
    }


def _project(world: World, name: str) -> Project:
    project = world.state.project(name)
    if project is None:
        keys = ", ".join(each.key for each in world.state.projects.values())
        raise NotThere(f"There is no project {name!r}; there are {keys}.")
    return project


def _somebody(world: World) -> User:
    """Who did it, for the changelog: the first admin."""
    return next(user for user in world.state.users.values() if user.admin)


ROUTES = (
    ("GET", "/issues", listing),
    ("POST", "/issues", create),
    ("POST", "/issues/<key>/transition", transition),
    ("POST", "/issues/<key>/move", move),
    ("POST", "/issues/<key>/restore", restore),
    ("DELETE", "/issues/<key>", delete),
    ("GET", "/projects", projects),
    ("POST", "/projects", create_project),
    ("POST", "/users", create_user),
)
