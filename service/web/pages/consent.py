"""The way to Jira's consent page and back, as a person in a browser goes it.

Leaves by a page of ours and not by a redirect of the form: where forms may lead is settled before anybody knows which
Jira it is. Whatever goes wrong comes back to the form with one sentence and with what was typed, secrets excepted.
"""

from flask import g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from service.consent import Granted
from service.errors import InvalidToken, ServiceError
from service.rules.health import HEALTHY_REASON
from service.store import integrations
from service.web import access, consenting
from service.web.connection import WHO
from service.web.pages.frame import admin_only, complain, routes, say
from service.web.parts import parts

TYPED = "typed"  # the session's name for the handle of a consent that came to nothing
LOG_IN_FIRST = "Log in here in another tab, as the user who began this consent, and then reload this page."


def key_name(integration_id: int | None) -> str:
    """Under which name the session keeps the handle of the key pair that was made for an integration, or a new one."""
    return f"key-{integration_id or 'new'}"


def leave(authorization_url: str) -> str:
    """The page that leads on to Jira, by itself or by its link."""
    return render_template("leave.html", url=authorization_url)


def come_back() -> Response:
    """The callback, for a browser: tests and saves, or asks for one of several sites."""
    g.user = access.by_session()
    if g.user is None:
        raise InvalidToken(LOG_IN_FIRST)
    access.insist_on_admin(g.user)
    try:
        granted = parts().consents.end(request.args.to_dict(), g.user.name)
    except ServiceError as error:
        return back_to_the_form(error, request.args.get("state", ""))
    return make_response(choose_page(granted)) if granted.choice is not None else _save(granted, request.args["state"])


@routes.post("/administration/choose-site")
@admin_only
def choose_site() -> Response | str:
    """One of the sites that access was granted for."""
    choice = request.form.get("choice", "")
    try:
        offered = parts().consents.offered(choice, g.user.name)
    except ServiceError as error:
        return back_to_the_form(error, choice)
    try:
        granted = parts().consents.choose(choice, request.form.get("cloud_id", ""), g.user.name)
    except ServiceError as error:
        complain(error)
        return choose_page(offered)
    return _save(granted, choice)


def choose_page(granted: Granted) -> str:
    """Asks for one of the sites."""
    return render_template("choose_site.html", granted=granted)


def back_to_the_form(error: ServiceError, handle: str) -> Response:
    """The form as it was filled in for the consent behind `handle`, with what went wrong."""
    complain(error)
    draft = parts().consents.draft(handle, g.user.name)
    if draft is None:
        return redirect(url_for("pages.integrations"), 303)
    session[TYPED] = handle  # and not in the address, where anybody could put words into the form
    kind = f"{draft.installation_type}-{draft.auth_type}"
    existing = None
    if draft.integration_id is not None:
        with parts().store.read() as c:
            existing = integrations.by_id(c, draft.integration_id)
    if existing is None or existing.removed_at is not None:
        return redirect(url_for("pages.new_integration", type=kind), 303)
    return redirect(url_for("pages.edit_integration", name=existing.name, type=kind), 303)


def typed_before(kind: tuple[str, str], integration_id: int | None) -> dict[str, str]:
    """What was typed into the form of `kind` before Jira sent the browser back to it: once, secrets excepted."""
    handle = session.pop(TYPED, None)
    draft = None if handle is None else parts().consents.draft(handle, g.user.name)
    if draft is None or (draft.installation_type, draft.auth_type, draft.integration_id) != (*kind, integration_id):
        return {}
    return {
        "connection_name": draft.name,
        "jira_server_url": draft.url,
        WHO[draft.auth_type]: draft.client_id,
        "skip_proxy": "true" if draft.skip_proxy else "",
    }


def _save(granted: Granted, handle: str) -> Response:
    try:
        name = consenting.finish(granted)
    except ServiceError as error:
        return back_to_the_form(error, handle)
    session.pop(key_name(granted.draft.integration_id), None)
    say(f"{HEALTHY_REASON} {name} is connected.")
    return redirect(url_for("pages.integrations"), 303)
