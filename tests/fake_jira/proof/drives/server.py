"""The site itself."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives


@drives("cloud", "data-center", "getServerInfo")
def anybody_may_ask_what_this_is(jira: Jira) -> None:
    told = jira.get("serverInfo").json()
    assert told["deploymentType"] == ("Cloud" if jira.flavour == "cloud" else "Server")


@drives("cloud", "getMyPermissions")
def a_caller_asks_what_they_may_do(jira: Jira) -> None:
    asked = jira.get("mypermissions?permissions=BROWSE_PROJECTS,ADMINISTER&projectKey=SEC").json()["permissions"]
    assert {name: each["havePermission"] for name, each in asked.items()} == {
        "BROWSE_PROJECTS": True,
        "ADMINISTER": True,
    }
