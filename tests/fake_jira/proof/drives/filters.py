"""Saved filters: made, changed, starred, shared and thrown away."""

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives


def _made(jira: Jira, name: str = "Open ones") -> str:
    answer = jira.post("filter", {"name": name, "jql": "project = SEC", "description": "What is open"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


@drives("cloud", "data-center", "createFilter", "getFilter", "updateFilter", "deleteFilter")
def a_filter_is_made_changed_and_deleted(jira: Jira) -> None:
    made = _made(jira)
    assert jira.put(f"filter/{made}", {"name": "Done ones", "jql": "status = Done"}).json()["name"] == "Done ones"
    assert jira.get(f"filter/{made}?expand=sharedUsers").json()["jql"] == "status = Done"
    assert jira.delete(f"filter/{made}").status_code == 204
    assert jira.get(f"filter/{made}").status_code == 400


@drives("cloud", "data-center", "getFavouriteFilters")
def favourites_are_listed(jira: Jira) -> None:
    jira.post("filter", {"name": "Mine", "jql": "", "favourite": True})
    _made(jira)
    assert [each["name"] for each in jira.get("filter/favourite").json()] == ["Mine"]


@drives("cloud", "getMyFilters", "setFavouriteForFilter", "deleteFavouriteForFilter")
def a_filter_is_starred_and_not_any_more(jira: Jira) -> None:
    made = _made(jira)
    assert jira.put(f"filter/{made}/favourite", None).json()["favourite"] is True
    assert jira.get("filter/my?includeFavourites=true").json()[0]["favouritedCount"] == 1
    assert jira.delete(f"filter/{made}/favourite").json()["favourite"] is False


@drives("cloud", "getFiltersPaginated")
def filters_are_searched_by_name_and_order(jira: Jira) -> None:
    for name in ("One", "Two"):
        _made(jira, name)
    page = jira.get(
        "filter/search?orderBy=-name&expand=jql,owner,favourite,viewUrl,sharePermissions&maxResults=1"
    ).json()
    assert (page["total"], page["isLast"], page["values"][0]["name"]) == (2, False, "Two")


@drives("cloud", "changeFilterOwner")
def a_filter_gets_another_owner(jira: Jira) -> None:
    made, viewer = _made(jira), jira.world.state.user("viewer@example.com")
    assert viewer is not None
    assert jira.put(f"filter/{made}/owner", {"accountId": viewer.account_id}).status_code == 204
    assert jira.get("filter/my").json() == []


@drives("cloud", "data-center", "getDefaultShareScope", "setDefaultShareScope")
def new_filters_are_shared_as_the_default_says(jira: Jira) -> None:
    assert jira.get("filter/defaultShareScope").json() == {"scope": "PRIVATE"}
    assert jira.put("filter/defaultShareScope", {"scope": "GLOBAL"}).json() == {"scope": "GLOBAL"}
    assert jira.get(f"filter/{_made(jira)}").json()["sharePermissions"][0]["type"] == "global"


@drives(
    "cloud",
    "data-center",
    "addSharePermission",
    "getSharePermissions",
    "getSharePermission",
    "deleteSharePermission",
)
def a_filter_is_shared_and_taken_back(jira: Jira) -> None:
    made = _made(jira)
    added = jira.post(f"filter/{made}/permission", {"type": "project", "projectId": "10001"})
    assert added.status_code == 201
    share = jira.get(f"filter/{made}/permission").json()[0]["id"]
    assert jira.get(f"filter/{made}/permission/{share}").json()["project"]["key"] == "SEC"
    assert jira.delete(f"filter/{made}/permission/{share}").status_code == 204
    assert jira.get(f"filter/{made}/permission").json() == []


@drives("cloud", "data-center", "getColumns", "setColumns", "resetColumns")
def a_filter_has_columns_of_its_own(jira: Jira) -> None:
    made = _made(jira)
    assert jira.get(f"filter/{made}/columns").status_code == 404
    assert jira.put(f"filter/{made}/columns", {"columns": ["summary", "status"]}).status_code == 200
    assert [each["value"] for each in jira.get(f"filter/{made}/columns").json()] == ["summary", "status"]
    assert jira.delete(f"filter/{made}/columns").status_code == 204
