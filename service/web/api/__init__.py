"""The JSON routes, one module a noun. Paths, codes and sentences are the documented ones [status-check, xray.md 9]."""

from flask import Flask

from service.web.api import integrations, retrievals, status_check, system, violations


def register(app: Flask) -> None:
    """Adds every JSON route to `app`."""
    for module in (status_check, integrations, retrievals, violations, system):
        app.register_blueprint(module.routes)
