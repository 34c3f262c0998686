"""Custom fields, their contexts and options, and the screens that they are put on."""

from typing import Any

from tests.fake_jira.conftest import Jira
from tests.fake_jira.proof.drives import drives, me

PREFIX = "com.atlassian.jira.plugin.system.customfieldtypes:"


def make(jira: Jira, word: str, name: str = "Mine") -> str:
    """A custom field that is on the default screen; its id."""
    made = jira.post("field", {"name": name, "type": PREFIX + word})
    assert made.status_code == 201, made.text
    field_id = str(made.json()["id"])
    assert jira.post(f"screens/addToDefault/{field_id}", None).status_code in (200, 204)
    return field_id


def context_of(jira: Jira, field_id: str) -> str:
    return str(jira.get(f"field/{field_id}/context").json()["values"][0]["id"])


def add_options(jira: Jira, field_id: str, *values: str, below: str | None = None) -> list[str]:
    """Options at the end of the field's first context; their ids."""
    parent = {"optionId": below} if below else {}
    given = {"options": [{"value": each, **parent} for each in values]}
    made = jira.post(f"field/{field_id}/context/{context_of(jira, field_id)}/option", given)
    assert made.status_code == 200, made.text
    return [each["id"] for each in made.json()["options"]]


@drives("cloud", "data-center", "createCustomField", "getFields", "addFieldToDefaultScreen", "getIssue", "createIssue")
def a_new_field_is_filled_in(jira: Jira) -> None:
    field_id = make(jira, "float", "Weight")
    assert field_id in {each["id"] for each in jira.get("field").json()}
    key = jira.create(**{field_id: 3})
    assert jira.get(f"issue/{key}?expand=names,schema").json()["fields"][field_id] == 3.0


@drives("cloud", "updateCustomField", "trashCustomField", "restoreCustomField", "getTrashedFieldsPaginated")
def a_field_is_renamed_and_goes_to_the_trash_and_back(jira: Jira) -> None:
    field_id = make(jira, "textfield")
    assert jira.put(f"field/{field_id}", {"name": "Yours", "description": "of you"}).status_code == 204
    key = jira.create(**{field_id: "kept"})
    assert jira.post(f"field/{field_id}/trash", None).status_code == 200
    assert field_id not in jira.get(f"issue/{key}").json()["fields"]
    assert [each["name"] for each in jira.get("field/search/trashed").json()["values"]] == ["Yours"]
    assert jira.post(f"field/{field_id}/restore", None).status_code == 200
    assert jira.get(f"issue/{key}").json()["fields"][field_id] == "kept"


@drives("cloud", "deleteCustomField", "getFieldsPaginated")
def a_field_is_found_and_deleted(jira: Jira) -> None:
    field_id = make(jira, "select")
    expand = "key,lastUsed,screensCount,contextsCount,isLocked,searcherKey"
    found = jira.get(f"field/search?type=custom&query=min&orderBy=-name&expand={expand}").json()["values"]
    assert [(each["id"], each["screensCount"], each["contextsCount"]) for each in found] == [(field_id, 1, 1)]
    assert jira.delete(f"field/{field_id}", allow_redirects=False).status_code == 303
    assert jira.get("field/search?type=custom").json()["values"] == []


@drives(
    "cloud",
    "getContextsForField",
    "getContextsForFieldDeprecated",
    "createCustomFieldContext",
    "updateCustomFieldContext",
    "deleteCustomFieldContext",
    "assignProjectsToCustomFieldContext",
    "removeCustomFieldContextFromProjects",
    "addIssueTypesToContext",
    "removeIssueTypesFromContext",
    "getProjectContextMapping",
    "getIssueTypeMappingsForContexts",
    "getCustomFieldContextsForProjectsAndIssueTypes",
)
def a_field_is_for_some_projects_and_types_alone(jira: Jira) -> None:
    field_id = make(jira, "textfield")
    given = {"name": "Own", "description": "", "projectIds": ["10001"], "issueTypeIds": ["10002"]}
    own = jira.post(f"field/{field_id}/context", given).json()["id"]
    assert jira.put(f"field/{field_id}/context/{own}", {"name": "Of SEC"}).status_code == 204
    assert jira.put(f"field/{field_id}/context/{own}/project", {"projectIds": ["10000"]}).status_code == 204
    assert jira.post(f"field/{field_id}/context/{own}/project/remove", {"projectIds": ["10001"]}).status_code == 204
    assert jira.put(f"field/{field_id}/context/{own}/issuetype", {"issueTypeIds": ["10003"]}).status_code == 204
    gone = jira.post(f"field/{field_id}/context/{own}/issuetype/remove", {"issueTypeIds": ["10002"]})
    assert gone.status_code == 204
    listed = jira.get(f"field/{field_id}/context?isGlobalContext=false").json()["values"]
    assert [(each["name"], each["isAnyIssueType"]) for each in listed] == [("Of SEC", False)]
    assert jira.get(f"field/{field_id}/contexts").json()["total"] == 2
    projects = jira.get(f"field/{field_id}/context/projectmapping").json()["values"]
    assert [each.get("projectId", "all") for each in projects] == ["all", "10000"]
    types = jira.get(f"field/{field_id}/context/issuetypemapping").json()["values"]
    assert [each.get("issueTypeId", "all") for each in types] == ["all", "10003"]
    asked = {"mappings": [{"projectId": "10000", "issueTypeId": "10003"}]}
    assert jira.post(f"field/{field_id}/context/mapping", asked).json()["values"][0]["contextId"] == own
    assert jira.delete(f"field/{field_id}/context/{own}").status_code == 204


@drives("cloud", "setDefaultValues", "getDefaultValues")
def new_issues_start_with_the_default(jira: Jira) -> None:
    field_id = make(jira, "select")
    (red,) = add_options(jira, field_id, "Red")
    given: dict[str, Any] = {"type": "option.single", "contextId": context_of(jira, field_id), "optionId": red}
    assert jira.put(f"field/{field_id}/context/defaultValue", {"defaultValues": [given]}).status_code == 204
    assert jira.get(f"field/{field_id}/context/defaultValue").json()["values"] == [given]
    assert jira.get(f"issue/{jira.create()}").json()["fields"][field_id]["value"] == "Red"


@drives(
    "cloud",
    "createCustomFieldOption",
    "updateCustomFieldOption",
    "getOptionsForContext",
    "reorderCustomFieldOptions",
    "deleteCustomFieldOption",
    "replaceCustomFieldOption",
    "getCustomFieldOption",
)
def options_are_made_renamed_ordered_replaced_and_deleted(jira: Jira) -> None:
    field_id = make(jira, "multiselect")
    red, green, blue = add_options(jira, field_id, "Red", "Green", "Blue")
    address = f"field/{field_id}/context/{context_of(jira, field_id)}/option"
    key = jira.create(**{field_id: [{"id": red}, {"value": "Green"}]})
    assert jira.put(address, {"options": [{"id": green, "value": "Leaf"}]}).status_code == 200
    assert [each["value"] for each in jira.get(f"issue/{key}").json()["fields"][field_id]] == ["Red", "Leaf"]
    move = {"customFieldOptionIds": [blue], "position": "First"}
    assert jira.put(f"{address}/move", move).status_code == 204
    assert [each["value"] for each in jira.get(address).json()["values"]] == ["Blue", "Red", "Leaf"]
    assert jira.delete(f"{address}/{red}").status_code == 400
    replaced = jira.delete(f"{address}/{red}/issue?replaceWith={blue}", allow_redirects=False)
    assert replaced.status_code == 303
    assert [each["value"] for each in jira.get(f"issue/{key}").json()["fields"][field_id]] == ["Blue", "Leaf"]
    assert jira.delete(f"{address}/{red}").status_code == 204
    assert jira.get(f"customFieldOption/{blue}").json()["value"] == "Blue"


@drives("data-center", "getCustomFields", "getCustomFieldOptions", "getCustomFieldOption", "bulkDeleteCustomFields")
def custom_fields_are_listed_with_their_options_and_deleted(jira: Jira) -> None:
    from fake_jira.model.fields import add_option, contexts_of  # noqa: PLC0415 - Data Center makes them on pages

    field_id = make(jira, "select")
    option = add_option(jira.site, contexts_of(jira.site.state, field_id)[0], "Red")
    listed = jira.get("customFields?search=min").json()["values"]
    assert [(each["id"], each["screensCount"], each["isAllProjects"]) for each in listed] == [(field_id, 1, True)]
    number = field_id.removeprefix("customfield_")
    assert jira.get(f"customFields/{number}/options").json()["options"][0]["value"] == "Red"
    assert jira.get(f"customFieldOption/{option.id}").json()["id"] == int(option.id)
    assert jira.delete(f"customFields?ids={field_id}").json()["deletedCustomFields"] == [field_id]


@drives(
    "cloud", "data-center", "getAllScreenTabs", "addScreenTab", "renameScreenTab", "moveScreenTab", "deleteScreenTab"
)
def a_screen_gets_a_tab(jira: Jira) -> None:
    tab = jira.post("screens/1/tabs", {"name": "More"}).json()["id"]
    assert jira.put(f"screens/1/tabs/{tab}", {"name": "Even more"}).status_code == 200
    assert jira.post(f"screens/1/tabs/{tab}/move/0", None).status_code == 204
    assert [each["name"] for each in jira.get("screens/1/tabs").json()] == ["Even more", "Field Tab"]
    assert jira.delete(f"screens/1/tabs/{tab}").status_code == 204


@drives(
    "cloud",
    "data-center",
    "getAllScreenTabFields",
    "addScreenTabField",
    "moveScreenTabField",
    "removeScreenTabField",
    "getAvailableScreenFields",
)
def a_field_is_put_on_a_screen_and_taken_off(jira: Jira) -> None:
    tab = jira.get("screens/2/tabs").json()[0]["id"]
    assert "duedate" in {each["id"] for each in jira.get("screens/2/availableFields").json()}
    assert jira.post(f"screens/2/tabs/{tab}/fields", {"fieldId": "duedate"}).status_code == 200
    assert jira.post(f"screens/2/tabs/{tab}/fields/duedate/move", {"position": "First"}).status_code == 204
    assert [each["id"] for each in jira.get(f"screens/2/tabs/{tab}/fields").json()] == ["duedate", "assignee"]
    assert jira.delete(f"screens/2/tabs/{tab}/fields/duedate").status_code == 204


@drives(
    "cloud", "getScreens", "createScreen", "updateScreen", "deleteScreen", "getBulkScreenTabs", "getScreensForField"
)
def a_screen_is_made_and_deleted(jira: Jira) -> None:
    made = jira.post("screens", {"name": "Own", "description": "Ours"}).json()["id"]
    assert jira.put(f"screens/{made}", {"name": "Mine"}).json()["name"] == "Mine"
    assert [each["id"] for each in jira.get("screens?queryString=mine").json()["values"]] == [made]
    assert [each["screenId"] for each in jira.get("screens/tabs?screenId=3").json()] == [3]
    assert [each["id"] for each in jira.get("field/resolution/screens?expand=tab").json()["values"]] == [3]
    assert jira.delete(f"screens/{made}").status_code == 204


@drives("cloud", "data-center", "getCreateIssueMetaIssueTypes", "getCreateIssueMetaIssueTypeId")
def the_metadata_name_the_custom_fields(jira: Jira) -> None:
    field_id = make(jira, "userpicker")
    types = jira.get("issue/createmeta/SEC/issuetypes").json()
    listed = types.get("issueTypes") or types["values"]
    page = jira.get(f"issue/createmeta/SEC/issuetypes/{listed[0]['id']}").json()
    assert field_id in {each["fieldId"] for each in page.get("fields") or page["values"]}
    assert jira.get(f"issue/{jira.create(**{field_id: me(jira)})}").json()["fields"][field_id]["displayName"]
