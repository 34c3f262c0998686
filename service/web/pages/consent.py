"""The way to Jira's consent page and back, as a person in a browser goes it.

Leaves by a page of ours and not by a redirect of the form: where forms may lead is settled before anybody knows which
Jira it is. Whatever goes wrong comes back to the form with one sentence and with what was typed, secrets excepted.
"""

from typing import Any

from flask import g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from service.consent import Draft, Granted
from service.errors import InvalidToken, ServiceError
from service.rules.health import HEALTHY_REASON
from service.store import integrations
from service.web import access, consenting
from service.web.connection import WHO
from service.web.pages.frame import admin_only, complain, routes, say
from service.web.parts import parts

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
        return back_to_the_form(error, parts().consents.draft(request.args.get("state", ""), g.user.name))
    return make_response(choose_page(granted)) if granted.choice is not None else _save(granted)


@routes.post("/administration/choose-site")
@admin_only
def choose_site() -> Response | str:
    """One of the sites that access was granted for."""
    choice = request.form.get("choice", "")
    try:
        offered = parts().consents.offered(choice, g.user.name)
    except ServiceError as error:
        return back_to_the_form(error, parts().consents.draft(choice, g.user.name))
    try:
        granted = parts().consents.choose(choice, request.form.get("cloud_id", ""), g.user.name)
    except ServiceError as error:
        complain(error)
        return choose_page(offered)
    return _save(granted)


def choose_page(granted: Granted) -> str:
    """Asks for one of the sites."""
    return render_template("choose_site.html", granted=granted)


def back_to_the_form(error: ServiceError, draft: Draft | None) -> Response:
    """The form as it was filled in for `draft`, with what went wrong."""
    complain(error)
    if draft is None:
        return redirect(url_for("pages.integrations"), 303)
    typed: dict[str, Any] = {
        "type": f"{draft.installation_type}-{draft.auth_type}",
        "connection_name": draft.name,
        "jira_server_url": draft.url,
        WHO[draft.auth_type]: draft.client_id,
        "skip_proxy": "true" if draft.skip_proxy else None,
    }
    existing = None
    if draft.integration_id is not None:
        with parts().store.read() as c:
            existing = integrations.by_id(c, draft.integration_id)
    if existing is None or existing.removed_at is not None:
        return redirect(url_for("pages.new_integration", **typed), 303)
    return redirect(url_for("pages.edit_integration", name=existing.name, **typed), 303)


def _save(granted: Granted) -> Response:
    try:
        name = consenting.finish(granted)
    except ServiceError as error:
        return back_to_the_form(error, granted.draft)
    session.pop(key_name(granted.draft.integration_id), None)
    say(f"{HEALTHY_REASON} {name} is connected.")
    return redirect(url_for("pages.integrations"), 303)
