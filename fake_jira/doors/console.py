"""The developer console of Jira Cloud: a person's apps, their scopes, callbacks, secret and distribution [jira 4.1]."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from fake_jira.auth.scopes import WORDS, checked, jira_scopes
from fake_jira.doors.page import for_people, here, lines, show
from fake_jira.errors import Invalid, NotThere
from fake_jira.model.app_records import App
from fake_jira.model.apps import OFFLINE, change_app, create_app, delete_app
from fake_jira.model.records import User

console = Blueprint("console", __name__, template_folder="templates")
OFFERED = {scope: words for scope, words in WORDS.items() if scope != OFFLINE}  # with a box to tick


@console.get("/console")
@for_people
def developer_console(who: User) -> Response:
    return _apps(who)


@console.post("/console")
@for_people
def create_console_app(who: User) -> Response:
    try:
        app = create_app(here().site, who, request.form.get("name", ""))
    except Invalid as error:
        return _apps(who, str(error))
    return _to(app)


@console.get("/console/<client_id>")
@for_people
def console_app(who: User, client_id: str) -> Response:
    return _one(_mine(who, client_id))


@console.post("/console/<client_id>/scopes")
@for_people
def set_app_scopes(who: User, client_id: str) -> Response:
    """Those ticked and those typed. What has been granted stays as it is until people consent again."""
    app = _mine(who, client_id)
    try:
        change_app(here().site, app, scopes=checked([*request.form.getlist("scope"), *lines("others")]))
    except Invalid as error:
        return _one(app, str(error))
    return _to(app)


@console.post("/console/<client_id>/callbacks")
@for_people
def set_app_callbacks(who: User, client_id: str) -> Response:
    app = _mine(who, client_id)
    try:
        change_app(here().site, app, callbacks=lines("callbacks"))
    except Invalid as error:
        return _one(app, str(error))
    return _to(app)


@console.post("/console/<client_id>/distribution")
@for_people
def set_app_distribution(who: User, client_id: str) -> Response:
    app = _mine(who, client_id)
    change_app(here().site, app, distributed=request.form.get("distributed") == "yes")
    return _to(app)


@console.post("/console/<client_id>/delete")
@for_people
def delete_console_app(who: User, client_id: str) -> Response:
    delete_app(here().site, _mine(who, client_id))
    return redirect(url_for("console.developer_console"), 302)


def _mine(who: User, client_id: str) -> App:
    app = here().state.apps.get(client_id)
    if app is None or app.owner != who.account_id:
        raise NotThere(f"You have no app {client_id}.")
    return app


def tell(error: Exception) -> Response:
    return show("cloud/refused.html", 404, error="not_found", description=str(error))


console.register_error_handler(NotThere, tell)


def _apps(who: User, problem: str = "") -> Response:
    mine = [app for app in here().state.apps.values() if app.owner == who.account_id]
    return show("cloud/apps.html", 400 if problem else 200, apps=mine, problem=problem)


def _one(app: App, problem: str = "") -> Response:
    others = [scope for scope in app.scopes if scope not in OFFERED]
    granular = [scope for scope in jira_scopes() if scope not in WORDS]
    grants = [each for each in here().state.app_grants.values() if each.client_id == app.client_id]
    return show(
        "cloud/app.html",
        400 if problem else 200,
        app=app,
        offered=OFFERED,
        others=others,
        granular=granular,
        granted=len(grants),
        problem=problem,
    )


def _to(app: App) -> Response:
    return redirect(url_for("console.console_app", client_id=app.client_id), 302)
