"""The site itself: serverInfo, and the tenant's id at the edge [jira 2.2, 5.1]."""

from datetime import UTC, datetime

from flask import Blueprint, Response

from fake_jira.rest.scene import scene, world
from fake_jira.rest.wire import answer, chapter

server = chapter("server")
edge = Blueprint("edge", __name__)
BUILT = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)


@server.get("/serverInfo")
def get_server_info() -> Response:
    """Get Jira instance info; anybody may ask, and serverTime has the account's offset."""
    here = scene()
    return answer(
        {
            "baseUrl": here.site,
            "displayUrl": here.site,
            "displayUrlServicedeskHelpCenter": here.site,
            "displayUrlConfluence": here.site,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100290,
            "buildDate": here.stamp(BUILT),
            "serverTime": here.stamp(world().now()),
            "scmInfo": "8451df32bdad635dfce164a737dc2fcfc95e6977",
            "serverTitle": "Jira",
            "defaultLocale": {"locale": "en_US"},
            "serverTimeZone": "Etc/UTC",
        }
    )


@edge.get("/_edge/tenant_info")
def tenant_info() -> Response:
    """The site's cloud id, to anybody [jira 2.2]."""
    return answer({"cloudId": world().cloud_id})
