"""Users, and who is calling."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives, me


@drives("cloud", "data-center", "getCurrentUser")
def a_caller_asks_who_they_are(jira: Jira) -> None:
    assert jira.get("myself").json()["displayName"] == "Ada Admin"


@drives("cloud", "data-center", "getUser")
def a_user_is_looked_up(jira: Jira) -> None:
    (name, value), *_ = me(jira).items()
    asked = "username" if name == "name" else name
    assert jira.get("user", params={asked: value}).json()["displayName"] == "Ada Admin"


@drives("cloud", "findUsers", "findAssignableUsers", "getAllUsersDefault", "getAllUsers", "bulkGetUsers")
def a_user_is_found_in_every_way(jira: Jira) -> None:
    mine = jira.admin.account_id
    for path in (
        "user/search?query=ada",
        "user/assignable/search?project=SEC",
        "users",
        "users/search",
        f"user/bulk?accountId={mine}",
    ):
        found = jira.get(path).json()
        listed = found["values"] if isinstance(found, dict) else found
        assert mine in [each["accountId"] for each in listed], path
