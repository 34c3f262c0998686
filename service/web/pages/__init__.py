"""Server-rendered pages: the Scans List with its violations and tickets, and the administration of integrations.

Each works without a script and without a mouse. Every form carries a CSRF token; nobody sees a page without logging in,
and only admins see what changes anything, except for the refresh (R21).
"""

from flask import Flask

from service.creation import name_of
from service.web import access
from service.web.answers import stamp
from service.web.pages import frame, integrations, login, scans

__all__ = ["integrations", "login", "register", "scans"]


def register(app: Flask) -> None:
    """Adds the pages, and what their templates use, to `app`."""
    app.register_blueprint(frame.routes)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["csrf_token"] = access.csrf_token
    app.jinja_env.filters.update(stamp=stamp, utc=frame.utc, words=frame.words, resource_name=name_of)
    app.context_processor(frame.context)
    app.after_request(frame.with_headers)
