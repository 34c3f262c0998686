"""Server-rendered pages: the Scans List with its violations and tickets, and the administration of integrations.

Each works without a script and without a mouse. Every form carries a CSRF token; nobody sees a page without logging in,
and only admins see what changes anything, except for the refresh (R21).
"""

from flask import Flask

from service.creation import name_of
from service.rules import versions
from service.rules.versions import Feature
from service.web import access
from service.web.answers import stamp
from service.web.pages import consent, frame, integrations, login, scans, wizard

__all__ = ["consent", "integrations", "login", "register", "scans", "wizard"]


def register(app: Flask, product_version: str) -> None:
    """Adds the pages that `product_version` has, and what their templates use, to `app`."""
    app.register_blueprint(frame.routes)
    if versions.has(product_version, Feature.TICKET_STATUS):
        app.register_blueprint(frame.status_routes)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["csrf_token"] = access.csrf_token
    app.jinja_env.filters.update(stamp=stamp, utc=frame.utc, words=frame.words, resource_name=name_of)
    app.context_processor(frame.context)
    app.after_request(frame.with_headers)
