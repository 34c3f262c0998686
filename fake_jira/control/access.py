"""Who may what, arranged by hand: permissions given and taken whatever the schemes say, and security levels.

Data Center's API cannot make security levels; this can, for both flavours.
"""

from typing import Any

from flask import Response

from fake_jira.control.fake import fake, here
from fake_jira.control.reading import Refused, answer, checked, given, needed
from fake_jira.errors import NotThere
from fake_jira.flavours import flavour_named
from fake_jira.flavours.people import named_holder
from fake_jira.model.access import Holder
from fake_jira.model.permissions import HOLDERS, give_back, grant, revoke
from fake_jira.model.records import Project
from fake_jira.model.schemes import add_level, add_security_scheme, assign_security_scheme
from fake_jira.worlds import World


def permit() -> Response:
    """`held` true gives a permission, false takes it away; without it the schemes decide again."""
    body = given(user=str, project=str, permission=str, held=bool)
    needed(body, "user", "project", "permission")
    world = here()
    with world.lock:
        project, user = _project(world, body["project"]), world.state.user(body["user"])
        if user is None:
            raise NotThere(f"There is no user {body['user']!r}.")
        change = {True: grant, False: revoke, None: give_back}[body.get("held")]
        change(world.site, project, user, body["permission"])
        return answer({"held": world.state.may(user, body["permission"], project.id)})


def add_security_level() -> Response:
    """A further level of the project's security scheme, which is made with the first one."""
    body = given(project=str, name=str, members=list, default=bool)
    needed(body, "project", "name")
    world = here()
    with world.lock:
        project, members = _project(world, body["project"]), [_holder(world, each) for each in body.get("members", [])]
        scheme = world.state.security_schemes.get(project.security_scheme_id or "")
        if scheme is None:
            scheme = add_security_scheme(world.site, f"{project.key} security")
            assign_security_scheme(world.site, project, scheme)
        scheme = add_level(world.site, scheme, body["name"], members=members, default=body.get("default", False))
        return answer({"scheme": scheme.id, "level": scheme.levels[-1].id}, 201)


def _project(world: World, named: str) -> Project:
    project = world.state.project(named)
    if project is None:
        raise NotThere(f"There is no project {named!r}.")
    return project


def _holder(world: World, value: Any) -> Holder:
    named = checked(value, {"type": str, "parameter": str}, "A member")
    if named.get("type") not in HOLDERS:
        raise Refused(f"A member's type is one of {', '.join(HOLDERS)}; not {named.get('type')!r}.")
    found = named_holder(world.state, named, flavour_named(fake().flavour))
    if found is None:
        raise NotThere(f"There is no {named['type']} {named.get('parameter')!r}.")
    return found


ROUTES = (
    ("PUT", "/permissions", permit),
    ("POST", "/security-levels", add_security_level),
)
