"""New and Edit Integration: which Jira and how to sign in, then what belongs to that, then Jira's consent. [xray.md 5]

Two plain forms, so that it works without a script: the first leads to the second by its address.
"""

from contextlib import suppress
from typing import Any

from flask import g, redirect, render_template, request, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from service.errors import BadInput, ServiceError
from service.jira import oauth1
from service.rules.authentication import OFFERED, OFFLINE, Auth
from service.rules.health import HEALTHY_REASON
from service.rules.tickets import Integration
from service.web import connecting, consenting
from service.web.connection import needs_consent, properties_of
from service.web.pages.consent import key_name, leave, typed_before
from service.web.pages.frame import admin_only, complain, routes, say
from service.web.parts import parts

Kind = tuple[str, str]  # installation and authentication
KINDS: dict[str, Kind] = {
    f"{installation}-{auth}": (installation, auth) for installation, offered in OFFERED.items() for auth in offered
}


@routes.route("/administration/new-integration", methods=["GET", "POST"])
@admin_only
def new_integration() -> Response | str:
    """A form that keeps what was typed, except for the secret, until the connection works."""
    kind = KINDS.get(request.args.get("type", ""))
    return _choose_type(None) if kind is None else _form(kind, None)


@routes.route("/administration/integrations/<name>/edit", methods=["GET", "POST"])
@admin_only
def edit_integration(name: str) -> Response | str:
    """[ticket-status] "Complete the wizard in a similar way ... only the Secret Key ... needs to be entered"."""
    existing = connecting.find(name)
    if "type" not in request.args:
        return _form((existing.installation_type, existing.auth_type), existing)
    kind = KINDS.get(request.args["type"])
    return _choose_type(existing) if kind is None else _form(kind, existing)


def _choose_type(existing: Integration | None) -> str:
    chosen = "cloud-basic" if existing is None else f"{existing.installation_type}-{existing.auth_type}"
    return render_template("wizard_types.html", integration=existing, chosen=chosen)


def _form(kind: Kind, existing: Integration | None) -> Response | str:
    if request.method == "POST":
        try:
            return _submit(kind, existing)
        except ServiceError as error:
            complain(error)
    key, public_key = _key(existing) if kind[1] == Auth.OAUTH1 else (None, None)
    return render_template(
        "integration_form.html",
        integration=existing,
        kind=kind,
        kind_name="-".join(kind),
        fields=properties_of(*kind),
        by_consent=needs_consent(kind[1]),
        form=request.form if request.method == "POST" else _known(kind, existing),
        key=key,
        public_key=public_key,
        callback_url=consenting.callback_url(),
        scopes=[scope for scope in parts().consents.scopes() if scope != OFFLINE],
    )


def _submit(kind: Kind, existing: Integration | None) -> Response | str:
    given = _given(kind)
    if needs_consent(kind[1]):
        return leave(consenting.begin(given, existing, g.user.name))
    if existing is None:
        name = connecting.create(given).name
    else:
        connecting.update(existing, given)
        name = given["connection_name"]
    say(f"{HEALTHY_REASON} {name} is connected.")
    return redirect(url_for("pages.integrations"))


def _given(kind: Kind) -> dict[str, Any]:
    """The form in the words of the API."""
    names = ["connection_name", *(name for name in properties_of(*kind) if name != "private_key")]
    typed: dict[str, Any] = {name: request.form.get(name, "").strip() for name in names}
    if handle := request.form.get("key"):
        typed["private_key"], _ = parts().consents.key(handle, g.user.name)
    installation, auth = kind
    proxy = request.form.get("skip_proxy") == "true"
    return {**typed, "installation_type": installation, "auth_type": auth, "skip_proxy": proxy}


def _known(kind: Kind, existing: Integration | None) -> MultiDict[str, str]:
    """What the form begins with: what is stored, and what was typed before Jira sent the browser back."""
    known: MultiDict[str, str] = MultiDict()
    if existing is not None:
        for name in ("client_id", "consumer_key"):
            known[name] = existing.client_id
        known["connection_name"], known["username"] = existing.name, existing.username
        known["jira_server_url"], known["skip_proxy"] = existing.url, "true" if existing.skip_proxy else ""
    for name, typed in typed_before(kind, None if existing is None else existing.id).items():
        known[name] = typed
    return known


def _key(existing: Integration | None) -> tuple[str | None, str]:
    """The key pair of OAuth 1.0a: its handle, None for the stored one, and the public key to show.

    One that was made and shown is shown again until it is saved or its day is over: it may be in Jira already.
    """
    name = key_name(None if existing is None else existing.id)
    if request.method == "POST":
        handle = request.form.get("key")
    else:
        handle = None if request.args.get("key") == "new" else session.get(name)
    if isinstance(handle, str):
        with suppress(BadInput):  # its day is over
            return handle, parts().consents.key(handle, g.user.name)[1]
    elif existing is not None and existing.auth_type == Auth.OAUTH1 and request.args.get("key") != "new":
        return None, oauth1.public_key(connecting.secret_of(existing))
    made = parts().consents.new_key(g.user.name)
    session[name] = made
    return made, parts().consents.key(made, g.user.name)[1]
