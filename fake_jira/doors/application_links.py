"""The administrator's page of incoming application links: consumers of OAuth 1.0a and clients of OAuth 2.0."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from fake_jira.doors.data_center_page import for_people, show
from fake_jira.doors.page import here
from fake_jira.errors import Invalid, NotThere
from fake_jira.model.application_links import SCOPES, add_client, add_consumer, remove_link
from fake_jira.model.records import User

application_links = Blueprint(
    "application_links", __name__, url_prefix="/plugins/servlet/applinks", template_folder="templates"
)


@application_links.get("/listApplicationLinks")
@for_people
def list_application_links(who: User) -> Response:
    """All of them, and the forms for new ones."""
    return _page(who)


@application_links.post("/listApplicationLinks")
@for_people
def change_application_links(who: User) -> Response:
    """A new consumer, a new client, or one less."""
    if not who.admin:
        return _page(who)
    site, form = here().site, request.form
    try:
        if form.get("remove"):
            remove_link(site, form["remove"])
        elif form.get("kind") == "consumer":
            add_consumer(
                site, form.get("key", ""), form.get("name", ""), form.get("public_key", ""), form.get("callback")
            )
        else:
            add_client(site, form.get("name", ""), form.get("redirect_uris", "").split(), form.get("scope", "WRITE"))
    except (Invalid, NotThere) as error:
        return _page(who, str(error))
    return redirect(url_for("application_links.list_application_links"), 302)


def _page(who: User, problem: str = "") -> Response:
    if not who.admin:
        return show("refused.html", 403, sentence="You need to administer Jira to see its application links.")
    doors = here().state.doors
    return show(
        "links.html",
        400 if problem else 200,
        problem=problem,
        consumers=doors.consumers.values(),
        clients=doors.clients.values(),
        scopes=SCOPES,
        given=request.form,
    )
