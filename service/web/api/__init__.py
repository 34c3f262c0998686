"""The JSON routes, one module a noun. Paths, codes and sentences are the documented ones [status-check, xray.md 9].

What the version that is played did not have yet is not routed at all, so it answers as any unknown address (R16).
"""

from flask import Flask

from service.rules import versions
from service.rules.versions import Feature
from service.web.api import consent, integrations, refresh, retrievals, status_check, system, violations

SINCE_ALWAYS = (violations.routes, system.routes, consent.callback_routes)
SINCE = (
    (Feature.TICKET_STATUS, retrievals.routes),
    (Feature.TICKET_STATUS, refresh.routes),
    (Feature.INTEGRATION_REST, integrations.routes),
    (Feature.INTEGRATION_REST, consent.routes),
    (Feature.STATUS_CHECK, status_check.routes),
)


def register(app: Flask, product_version: str) -> None:
    """Adds the JSON routes that `product_version` has to `app`."""
    had = [routes for feature, routes in SINCE if versions.has(product_version, feature)]
    for routes in (*SINCE_ALWAYS, *had):
        app.register_blueprint(routes)
