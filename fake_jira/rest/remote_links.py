"""Remote links of an issue [jira 2.7, 5.10]."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from flask import Response

from fake_jira.errors import Forbidden, Invalid, NotThere
from fake_jira.flavours import Scene
from fake_jira.model import remote_links as verbs
from fake_jira.model.records import Issue, RemoteLink
from fake_jira.rest.limits import within
from fake_jira.rest.properties import checked
from fake_jira.rest.scene import may_on, scene, site, user, visible_issue
from fake_jira.rest.wire import BAD_PAYLOAD, ID, answer, body, chapter, done, text

remote_links = chapter("remote_links")
LONGEST_GLOBAL_ID = 255
KEPT = ("application", "object")


@remote_links.get("/issue/<issue_id_or_key>/remotelink")
def get_remote_issue_links(issue_id_or_key: str) -> Response:
    """Get remote issue links: all of them, or the one with the global id that is asked for."""
    issue, here = visible_issue(issue_id_or_key), scene()
    global_id = text("globalId")
    if global_id:
        return answer(_shown(here, issue, _by_global_id(issue, global_id)))
    return answer([_shown(here, issue, each) for each in issue.remote_links])


@remote_links.post("/issue/<issue_id_or_key>/remotelink")
def create_or_update_remote_issue_link(issue_id_or_key: str) -> Response:
    """Create or update remote issue link: 201 for a new one, 200 where the global id is known."""
    given = body()
    issue = _linkable(issue_id_or_key)
    content, global_id, relationship = _read(given)
    known = verbs.with_global_id(issue, global_id) if global_id else None
    if known is not None:
        verbs.change_remote_link(site(), issue, user(), replace(known, content=content, relationship=relationship))
        return answer(_reference(scene(), issue, known))
    within("remote_links", len(issue.remote_links))
    made = verbs.add_remote_link(site(), issue, user(), content=content, global_id=global_id, relationship=relationship)
    shown = _reference(scene(), issue, made)
    return answer(shown, 201, Location=shown["self"])


@remote_links.delete("/issue/<issue_id_or_key>/remotelink")
def delete_remote_issue_link_by_global_id(issue_id_or_key: str) -> Response:
    """Delete remote issue link by global ID."""
    global_id = text("globalId")
    issue = _linkable(issue_id_or_key)
    if not global_id:
        raise Invalid("The globalId query parameter is required.")
    verbs.delete_remote_link(site(), issue, user(), _by_global_id(issue, global_id))
    return done()


@remote_links.get("/issue/<issue_id_or_key>/remotelink/<link_id>")
def get_remote_issue_link_by_id(issue_id_or_key: str, link_id: str) -> Response:
    """Get remote issue link by ID."""
    issue = visible_issue(issue_id_or_key)
    return answer(_shown(scene(), issue, _find(issue, link_id)))


@remote_links.put("/issue/<issue_id_or_key>/remotelink/<link_id>")
def update_remote_issue_link(issue_id_or_key: str, link_id: str) -> Response:
    """Update remote issue link by ID; what the request leaves out is emptied."""
    given = body()
    issue = _linkable(issue_id_or_key)
    old = _find(issue, link_id)
    content, global_id, relationship = _read(given)
    taken = verbs.with_global_id(issue, global_id) if global_id else None
    if taken is not None and taken.id != old.id:
        raise Invalid(fields={"globalId": "Another remote link of this issue has this globalId."})
    verbs.change_remote_link(site(), issue, user(), RemoteLink(old.id, content, global_id, relationship))
    return done()


@remote_links.delete("/issue/<issue_id_or_key>/remotelink/<link_id>")
def delete_remote_issue_link_by_id(issue_id_or_key: str, link_id: str) -> Response:
    """Delete remote issue link by ID."""
    issue = _linkable(issue_id_or_key)
    verbs.delete_remote_link(site(), issue, user(), _find(issue, link_id))
    return done()


def _linkable(id_or_key: str) -> Issue:
    issue = visible_issue(id_or_key)
    if not may_on("LINK_ISSUES", issue):
        raise Forbidden(f"No Link Issue Permission for issue '{issue.key}'")
    return issue


def _find(issue: Issue, link_id: str) -> RemoteLink:
    if not ID.fullmatch(link_id):
        raise Invalid(f"The link id '{link_id}' is not a number.")
    found = verbs.find_remote_link(issue, int(link_id))
    if found is None:
        raise NotThere(f"Cannot find remote issue link with id '{link_id}'.")
    return found


def _by_global_id(issue: Issue, global_id: str) -> RemoteLink:
    found = verbs.with_global_id(issue, global_id)
    if found is None:
        raise NotThere("Cannot find the remote issue link with the given global id.")
    return found


def _read(given: Mapping[str, Any]) -> tuple[bytes, str | None, str | None]:
    """The content of a link, its global id and its relationship; Invalid names what is missing."""
    target, application = given.get("object"), given.get("application")
    global_id, relationship = given.get("globalId"), given.get("relationship")
    wrong = any(each is not None and not isinstance(each, str) for each in (global_id, relationship))
    if wrong or not isinstance(target, dict | None) or not isinstance(application, dict | None):
        raise Invalid(BAD_PAYLOAD)
    target = target or {}
    errors = {
        name: f"'{name}' is required." for name in ("title", "url") if not isinstance(target.get(name), str | None)
        or not (target.get(name) or "").strip()
    }  # fmt: skip
    if global_id is not None and len(global_id) > LONGEST_GLOBAL_ID:
        errors["globalId"] = f"'globalId' cannot be longer than {LONGEST_GLOBAL_ID} characters."
    if errors:
        raise Invalid(fields=errors)
    return checked({"application": application or {}, "object": target}), global_id or None, relationship


def _reference(here: Scene, issue: Issue, link: RemoteLink) -> dict[str, Any]:
    return {"id": link.id, "self": f"{here.api}/issue/{issue.key}/remotelink/{link.id}"}


def _shown(here: Scene, issue: Issue, link: RemoteLink) -> dict[str, Any]:
    content = orjson.loads(link.content)
    shown = _reference(here, issue, link) | {name: content[name] for name in KEPT}
    more = {"globalId": link.global_id, "relationship": link.relationship}
    return shown | {name: value for name, value in more.items() if value is not None}
