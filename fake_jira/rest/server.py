"""The site itself: serverInfo, whether it is up, and the tenant's id at the edge [jira 2.2, 2.10, 5.1]."""

from flask import Blueprint, Response

from fake_jira.rest.scene import flavour, scene, user, world
from fake_jira.rest.wire import answer, chapter

server = chapter("server")
edge = Blueprint("edge", __name__)


@server.get("/serverInfo")
def get_server_info() -> Response:
    """Get Jira instance info."""
    return answer(flavour().server_info(scene(), world().now(), signed_in=user() is not None))


@edge.get("/status")
def status() -> Response:
    """Whether the server is up, for load balancers; below no context but the site's own [jira 2.10]."""
    state = flavour().server_state(world())
    return answer({"state": state}, 200 if state == "RUNNING" else 503)


@edge.get("/_edge/tenant_info")
def tenant_info() -> Response:
    """The site's cloud id, to anybody [jira 2.2]."""
    return answer({"cloudId": world().cloud_id})
