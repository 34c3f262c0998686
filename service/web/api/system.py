"""For probes and monitoring; needs no user. [xray.md 3] Metrics are ours."""

from flask import Blueprint, Response

from service import __version__, logs, metrics
from service.errors import StoreUnavailable
from service.web.answers import as_json
from service.web.parts import parts

routes = Blueprint("system", __name__)


@routes.get("/xray/api/v1/system/ping")
def ping() -> Response:
    """[xray.md 3]"""
    return as_json({"status": "pong"})


@routes.get("/xray/api/v1/system/version")
def version() -> Response:
    """[xray.md 3] The product that is played, and the version of this service as its revision."""
    return as_json({"xray_version": parts().settings.product_version, "xray_revision": __version__})


@routes.get("/xray/api/v1/system/liveness")
def liveness() -> Response:
    """[xray.md 3] The process answers; nothing else is looked at, so that a lost database restarts nobody."""
    return as_json({"status": "alive"})


@routes.get("/xray/api/v1/system/readiness")
def readiness() -> Response:
    """[xray.md 3] 503 while the store does not answer."""
    try:
        parts().store.ping()
    except StoreUnavailable as error:
        logs.warning("web.not_ready")
        return as_json({"error": str(error)}, 503)
    return as_json({"status": "ready"})


@routes.get("/metrics")
def prometheus() -> Response:
    """Counts and durations in the text format of Prometheus."""
    return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)
