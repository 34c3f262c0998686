"""Projects: making, changing, archiving, deleting and restoring them."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from fake_jira.errors import Forbidden, Invalid, NotImitated
from fake_jira.model import projects as verbs
from fake_jira.model.catalogue import add_project
from fake_jira.model.permissions import holds_globally
from fake_jira.model.records import Project
from fake_jira.model.state import CLOUD, DATA_CENTER
from fake_jira.model.tasks import add_task
from fake_jira.rest.given import id_in, one_of, text_in
from fake_jira.rest.project_access import NO_ADMIN, administered, any_project, is_admin, require_admin
from fake_jira.rest.project_types import TYPES
from fake_jira.rest.project_view import full
from fake_jira.rest.scene import flavour, scene, site, user, visible_project
from fake_jira.rest.tasks import task_json
from fake_jira.rest.wire import answer, body, chapter, done, flag, listed, takes

project_changes = chapter("project_changes")
cloud_project_changes = chapter("cloud_project_changes", CLOUD)
data_center_project_changes = chapter("data_center_project_changes", DATA_CENTER)
ASSIGNEE_TYPES = ("PROJECT_LEAD", "UNASSIGNED")
TEMPLATES = {  # how a template's key begins -> the type of its projects
    "com.pyxis.greenhopper.jira:": "software",
    "com.atlassian.jira-software-project-templates:": "software",
    "com.atlassian.servicedesk:": "service_desk",
    "com.atlassian.jira-core-project-templates:": "business",
}
TEAM_MANAGED = ("gh-simplified-agility", "next-gen", "team-managed", "gh-cross-team")
SCHEMES_ELSEWHERE = ("workflowScheme", "workflowSchemeId", "issueTypeScheme", "issueTypeScreenScheme",
                     "fieldConfigurationScheme")  # fmt: skip
NO_LEAD = "You must specify a valid project lead."


@project_changes.post("/project")
def create_project() -> Response:
    """Create project. Every project is company-managed and has the simplified workflow, whatever its template."""
    if not holds_globally(user(), "CREATE_PROJECT"):
        require_admin()
    given, here = body(), scene()
    for name in SCHEMES_ELSEWHERE:
        if given.get(name) is not None:
            raise NotImitated(f"Projects with another {name} than the default are outside of this fake, see LIMITS.md.")
    wanted = Wanted(given, None)
    project = add_project(site(), **wanted.for_a_new_one())
    site().tell("project_created", user(), project=project)
    return answer({"self": f"{here.api}/project/{project.id}", "id": int(project.id), "key": project.key}, 201)


class Wanted:
    """What a body wants a project to be; gathers the errors of all fields. `own` is the project that is changed."""

    def __init__(self, given: Mapping[str, Any], own: Project | None) -> None:
        self.given = given
        self.own = own
        self.errors: dict[str, str] = {}
        self.values: dict[str, Any] = {}
        self._names()
        self._lead()
        self._plain()
        self._schemes()

    def checked(self) -> dict[str, Any]:
        """Fields of the record; Invalid names all that cannot be."""
        if self.errors:
            raise Invalid(fields=self.errors)
        return self.values

    def for_a_new_one(self) -> dict[str, Any]:
        """The same, and what every new project needs."""
        self.errors |= {} if "name" in self.values else {"projectName": "You must specify a valid project name."}
        if "key" not in self.values:
            self.errors.setdefault("projectKey", str(verbs.key_trouble(site().state, "")))
        if "lead" not in self.values:
            self.errors.setdefault("projectLead", NO_LEAD)
        self._type()
        return self.checked()

    def _names(self) -> None:
        state = site().state
        for name, field, trouble in (
            ("name", "projectName", verbs.name_trouble),
            ("key", "projectKey", verbs.key_trouble),
        ):
            value = text_in(self.given, name)
            if value is None:
                continue
            why = trouble(state, value, self.own)
            if why:
                self.errors[field] = why
            self.values[name] = value.strip()

    def _lead(self) -> None:
        for name in flavour().lead_names:
            value = text_in(self.given, name)
            if value is None:
                continue
            who = flavour().user_in(site().state, {"accountId": value, "name": value})
            if who is None or not who.active:
                self.errors["projectLead"] = NO_LEAD
            else:
                self.values["lead"] = who.account_id

    def _plain(self) -> None:
        for name in ("description", "url"):
            value = text_in(self.given, name)
            if value is not None:
                self.values[name] = value
        assignee_type = one_of(self.given, "assigneeType", ASSIGNEE_TYPES)
        if assignee_type is not None:
            self.values["assignee_type"] = assignee_type
        avatar = id_in(self.given, "avatarId")
        if avatar is not None:
            self.values["avatar_id"] = avatar
        category = id_in(self.given, "categoryId")
        if category == "-1":
            self.values["category_id"] = None
        elif category in site().state.project_categories:
            self.values["category_id"] = category
        elif category is not None:
            self.errors["categoryId"] = f"A project category with id '{category}' does not exist."

    def _schemes(self) -> None:
        state = site().state
        for name, attribute, known in (
            ("permissionScheme", "permission_scheme_id", state.permission_schemes),
            ("notificationScheme", "notification_scheme_id", state.notification_schemes),
            ("issueSecurityScheme", "security_scheme_id", state.security_schemes),
        ):
            value = id_in(self.given, name)
            if value is None:
                continue
            if value not in known:
                self.errors[name] = f"There is no scheme with id '{value}'."
            self.values[attribute] = value

    def _type(self) -> None:
        """The type of a new project, by its own key, by its template's, or by both if they agree."""
        kind, template = text_in(self.given, "projectTypeKey"), text_in(self.given, "projectTemplateKey")
        if template is not None:
            of_template = next((kind for begin, kind in TEMPLATES.items() if template.startswith(begin)), None)
            if of_template is None or kind not in (None, of_template):
                self.errors["projectTemplateKey"] = f"The project template '{template}' is not valid for this project."
            if any(word in template for word in TEAM_MANAGED):
                raise NotImitated("Team-managed projects are outside of what this fake Jira imitates, see LIMITS.md.")
            kind = kind or of_template
        if kind not in TYPES:
            self.errors.setdefault("projectTypeKey", "You must specify a valid project type.")
        self.values["type_key"] = kind


@project_changes.put("/project/<project_id_or_key>")
def update_project(project_id_or_key: str) -> Response:
    """Update project. A new key and other schemes take an administrator of the site; older keys keep leading here."""
    given, expand = body(), listed("expand") or ()
    project = administered(project_id_or_key)
    values = Wanted(given, project).checked()
    of_the_site = {"key", "permission_scheme_id", "notification_scheme_id", "security_scheme_id"}
    if any(getattr(project, name) != values[name] for name in of_the_site & values.keys()) and not is_admin():
        raise Forbidden(NO_ADMIN)
    released = given.get("releasedProjectKeys") or []
    if released:
        verbs.release_keys(site(), project, [str(each) for each in released])
    return answer(full(scene(), verbs.change(site(), project, user(), **values), expand))


@project_changes.delete("/project/<project_id_or_key>")
def delete_project(project_id_or_key: str) -> Response:
    """Delete project; with `enableUndo` (Cloud) into the trash, from where it can be restored."""
    undo = flag("enableUndo")
    project = _deletable(project_id_or_key, "deleteProject")
    if undo and not project.trashed_at:
        verbs.trash(site(), project, user())
    else:
        verbs.delete(site(), project, user())
    return done()


def _deletable(id_or_key: str, operation: str) -> Project:
    visible = any_project(id_or_key)
    require_admin(operation)
    if visible.archived_at:
        raise Invalid("An archived project cannot be deleted; restore it first.")
    return visible


@cloud_project_changes.post("/project/<project_id_or_key>/delete")
@takes(None)
def delete_project_asynchronously(project_id_or_key: str) -> Response:
    """Delete project asynchronously: a task tells when it is done."""
    project = _deletable(project_id_or_key, "deleteProjectAsynchronously")
    verbs.delete(site(), project, user())
    task = add_task(site(), f"Delete project {project.name}", user(), message="The project has been deleted.")
    told = task_json(task)
    return answer(told, 303, Location=told["self"])


@cloud_project_changes.post("/project/<project_id_or_key>/restore")
@takes(None)
def restore(project_id_or_key: str) -> Response:
    """Restore an archived or deleted project."""
    project = any_project(project_id_or_key)
    require_admin("restore")
    if not project.archived_at and not project.trashed_at:
        raise Invalid("The project is neither archived nor deleted.")
    return answer(full(scene(), verbs.restore(site(), project, user())))


@cloud_project_changes.post("/project/<project_id_or_key>/archive")
@takes(None)
def archive_project(project_id_or_key: str) -> Response:
    """Archive project: its issues stay readable, nobody changes them, and searches do not find them."""
    project = visible_project(project_id_or_key)
    require_admin("archiveProject")
    if project.archived_at:
        raise Invalid("The project is already archived.")
    verbs.archive(site(), project, user())
    return done()


@data_center_project_changes.put("/project/<project_id_or_key>/archive", endpoint="archive_project")
@takes(None)
def archive_project_by_put(project_id_or_key: str) -> Response:
    """Archives a project; one that is archived already is refused."""
    project = visible_project(project_id_or_key)
    require_admin()
    if project.archived_at:
        raise Forbidden("The project is already archived.")
    verbs.archive(site(), project, user())
    return done()


@data_center_project_changes.put("/project/<project_id_or_key>/restore")
@takes(None)
def restore_project(project_id_or_key: str) -> Response:
    """Restores an archived project."""
    project = any_project(project_id_or_key)
    require_admin()
    if not project.archived_at:
        raise Forbidden("The project is not archived.")
    verbs.restore(site(), project, user())
    return done(202)


@data_center_project_changes.put("/project/<project_id_or_key>/type/<new_project_type_key>")
@takes(None)
def update_project_type(project_id_or_key: str, new_project_type_key: str) -> Response:
    """Updates the type of a project."""
    project = visible_project(project_id_or_key)
    require_admin()
    if new_project_type_key not in TYPES:
        raise Invalid(f"The project type '{new_project_type_key}' is not valid.")
    changed = verbs.change(site(), project, user(), type_key=new_project_type_key)
    return answer(full(scene(), changed, listed("expand") or ()))
