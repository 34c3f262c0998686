"""Saved filters: who sees and changes them, what is refused, and how they are found."""

import pytest

from tests.fake_jira.conftest import DC_VIEWER, VIEWER, Jira

UNAVAILABLE = "The selected filter is not available to you, perhaps it has been deleted or had its permissions changed."
NAMELESS = "You must specify a name to save this filter as."
TAKEN = "Filter with same name already exists."


def made(jira: Jira, name: str = "Open ones", jql: str = "project = SEC", **more: object) -> str:
    answer = jira.post("filter", {"name": name, "jql": jql} | more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def viewer_of(jira: Jira) -> tuple[str, str]:
    return VIEWER if jira.flavour == "cloud" else DC_VIEWER


def test_a_new_filter_is_its_makers_alone(either: Jira) -> None:
    filter_id = made(either, description="What is open")
    shown = either.get(f"filter/{filter_id}").json()
    assert (shown["name"], shown["jql"], shown["description"]) == ("Open ones", "project = SEC", "What is open")
    assert (shown["favourite"], shown["sharePermissions"]) == (False, [])
    assert shown["self"].endswith(f"/filter/{filter_id}")
    hidden = either.get(f"filter/{filter_id}", auth=viewer_of(either))
    assert (hidden.status_code, hidden.json()["errorMessages"]) == (400, [UNAVAILABLE])
    assert either.get("filter/99999").json()["errorMessages"] == [UNAVAILABLE]


def test_a_filter_needs_a_name_of_its_own(either: Jira) -> None:
    assert either.post("filter", {"jql": ""}).json()["errors"] == {"filterName": NAMELESS}
    made(either)
    again = either.post("filter", {"name": "OPEN ones"})
    assert (again.status_code, again.json()["errors"]) == (400, {"filterName": TAKEN})
    other = made(either, "Others")
    assert either.put(f"filter/{other}", {"name": "Open ones"}).json()["errors"] == {"filterName": TAKEN}
    assert either.put(f"filter/{other}", {"name": "Others", "jql": "status = Done"}).status_code == 200


@pytest.mark.parametrize(
    ("jql", "sentence"),
    [
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("universe = 42", "Field 'universe' does not exist or you do not have permission to view it."),
        (
            "status was",
            "Error in the JQL Query: Expecting either a value, list or function before the end of the query.",
        ),
    ],
)
def test_a_filter_whose_query_does_not_fit_is_refused(either: Jira, jql: str, sentence: str) -> None:
    answer = either.post("filter", {"name": "Bad", "jql": jql})
    assert answer.status_code == 400
    assert answer.json()["errorMessages"][0].startswith(sentence)


def test_whoever_a_filter_is_shared_with_sees_it_and_may_not_change_it(either: Jira) -> None:
    filter_id, viewer = made(either), viewer_of(either)
    share = either.post(f"filter/{filter_id}/permission", {"type": "project", "projectId": "10001"}).json()[0]
    assert (share["type"], share["project"]["key"]) == ("project", "SEC")
    assert either.get(f"filter/{filter_id}", auth=viewer).json()["name"] == "Open ones"
    assert either.put(f"filter/{filter_id}", {"name": "Mine"}, auth=viewer).status_code == 400
    assert either.delete(f"filter/{filter_id}", auth=viewer).status_code == 400
    assert either.delete(f"filter/{filter_id}/permission/{share['id']}", auth=viewer).status_code == 404
    either.delete(f"filter/{filter_id}/permission/{share['id']}")
    assert either.get(f"filter/{filter_id}", auth=viewer).status_code == 400


def test_a_share_for_all_takes_the_place_of_the_others(either: Jira) -> None:
    filter_id = made(either)
    either.post(f"filter/{filter_id}/permission", {"type": "project", "projectId": "10001"})
    shares = either.post(f"filter/{filter_id}/permission", {"type": "authenticated"}).json()
    assert [share["type"] for share in shares] == ["loggedin"]
    either.post(f"filter/{filter_id}/permission", {"type": "global"})
    assert [each["type"] for each in either.get(f"filter/{filter_id}").json()["sharePermissions"]] == ["global"]


def test_what_is_shared_with_the_world_is_seen_without_a_credential(jira: Jira) -> None:
    filter_id = made(jira, sharePermissions=[{"type": "authenticated"}])
    assert jira.get(f"filter/{filter_id}", auth=None).status_code == 400
    jira.post(f"filter/{filter_id}/permission", {"type": "global"})
    assert jira.get(f"filter/{filter_id}", auth=None).status_code == 200


def test_a_share_with_a_role_reaches_those_who_hold_it(either: Jira) -> None:
    role = next(iter(either.world.state.roles))
    body = {"type": "projectRole", "projectId": "10001", "projectRoleId": role}
    share = either.post(f"filter/{made(either)}/permission", body).json()[0]
    assert (share["type"], share["role"]["id"], share["project"]["id"]) == ("project", int(role), "10001")


@pytest.mark.parametrize(
    "body",
    [
        {"type": "nonsense"},
        {"type": "group", "groupname": "nobodies"},
        {"type": "project"},
        {"type": "projectRole", "projectId": "10001", "projectRoleId": "1"},
        {"type": "user"},
    ],
)
def test_a_share_that_names_nothing_is_refused(either: Jira, body: dict[str, str]) -> None:
    assert either.post(f"filter/{made(either)}/permission", body).status_code == 400


def test_only_the_owner_sets_columns_and_only_fields_that_lists_can_show(either: Jira) -> None:
    filter_id = made(either, sharePermissions=[{"type": "global"}])
    viewer = viewer_of(either)
    assert either.put(f"filter/{filter_id}/columns", {"columns": ["status"]}, auth=viewer).status_code == 403
    assert either.put(f"filter/{filter_id}/columns", {"columns": ["nosuch"]}).status_code == 400
    form = {"data": {"columns": ["status", "summary"]}}
    assert either.call("PUT", f"filter/{filter_id}/columns", **form).status_code == 200  # type: ignore[arg-type]
    columns = either.get(f"filter/{filter_id}/columns").json()
    assert columns == [{"label": "Status", "value": "status"}, {"label": "Summary", "value": "summary"}]


def test_anonymous_callers_make_no_filters(either: Jira) -> None:
    assert either.post("filter", {"name": "x"}, auth=None).status_code == 401


def test_anonymous_callers_have_no_favourites(jira: Jira) -> None:
    assert jira.get("filter/favourite", auth=None).json() == []


def test_a_search_finds_by_filter(either: Jira) -> None:
    key = either.create()
    filter_id = made(either, jql="project = SEC and status = 'To Do'")
    assert either.search(f"filter = {filter_id}") == either.search("filter = 'open ones'") == [key]


def test_filters_are_searched_page_by_page(jira: Jira) -> None:
    for name in ("Alpha bugs", "Beta bugs", "Gamma"):
        made(jira, name, sharePermissions=[{"type": "project", "project": {"id": "10001"}}])
    page = jira.get("filter/search?filterName=bugs&maxResults=1&orderBy=-name").json()
    assert (page["total"], page["isLast"]) == (2, False)
    assert set(page["values"][0]) == {"expand", "self", "id", "name"}
    assert page["values"][0]["name"] == "Beta bugs"
    assert jira.get("filter/search?filterName=lpha%20b&isSubstringMatch=true").json()["total"] == 1
    assert jira.get("filter/search?projectId=10001").json()["total"] == 3
    assert jira.get("filter/search?projectId=10000").json()["total"] == 0
    by_owner = jira.get("filter/search", params={"accountId": jira.admin.account_id, "expand": "owner,isWritable"})
    assert by_owner.json()["values"][0]["owner"]["accountId"] == jira.admin.account_id


@pytest.mark.parametrize(
    "query", ["accountId=a&owner=b", "groupname=a&groupId=b", "orderBy=colour", "expand=everything"]
)
def test_a_search_for_filters_with_bad_parameters_is_refused(jira: Jira, query: str) -> None:
    assert jira.get(f"filter/search?{query}").status_code == 400


def test_a_filter_changes_hands(jira: Jira) -> None:
    filter_id, viewer = made(jira), jira.world.state.user("viewer@example.com")
    assert viewer is not None
    taken = jira.put(f"filter/{filter_id}/owner", {"accountId": viewer.account_id}, auth=VIEWER)
    assert taken.status_code == 403
    assert jira.put(f"filter/{filter_id}/owner", {"accountId": "nobody"}).status_code == 404
    assert jira.put(f"filter/{filter_id}/owner", {"accountId": viewer.account_id}).status_code == 204
    assert [each["id"] for each in jira.get("filter/my", auth=VIEWER).json()] == [filter_id]


def test_favourites_of_others_are_listed_with_ones_own_when_asked_for(jira: Jira) -> None:
    filter_id = made(jira, sharePermissions=[{"type": "global"}])
    jira.call("PUT", f"filter/{filter_id}/favourite", auth=VIEWER)
    assert jira.get("filter/my", auth=VIEWER).json() == []
    assert [each["favourite"] for each in jira.get("filter/my?includeFavourites=true", auth=VIEWER).json()] == [True]
    assert jira.get(f"filter/{filter_id}").json()["favouritedCount"] == 1
