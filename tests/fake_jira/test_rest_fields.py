"""Custom fields over the wire: each type in, out, in the changelog and in the metadata; screens [jira 2.7, 5.3]."""

from typing import Any

import pytest

from fake_jira.model.fields import add_context, add_field, add_option, contexts_of
from fake_jira.model.groups import add_group
from fake_jira.model.screens import DEFAULT_SCREEN
from fake_jira.model.screens import add_field as put_on_screen
from fake_jira.model.state import CLOUD
from fake_jira.model.versions import add_version
from tests.fake_jira.conftest import DC_VIEWER, VIEWER, Jira

PREFIX = "com.atlassian.jira.plugin.system.customfieldtypes:"
OFF_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."


def made(jira: Jira, word: str, *options: str, on_screen: bool = True) -> str:
    """A custom field's id; the options go into its one context."""
    site = jira.site
    field = add_field(site, "Extra", PREFIX + word)
    if on_screen:
        screen = site.state.screens[DEFAULT_SCREEN]
        put_on_screen(site, screen, screen.tabs[0], field.id)
    for value in options:
        add_option(site, contexts_of(site.state, field.id)[0], value)
    return field.id


def me(jira: Jira) -> dict[str, str]:
    return {"accountId": jira.admin.account_id} if jira.flavour == CLOUD else {"name": jira.admin.name}


def refusal(jira: Jira, field_id: str, value: Any) -> str:
    fields = {"project": {"key": "SEC"}, "summary": "x", "issuetype": {"name": "Task"}, field_id: value}
    answer = jira.post("issue", {"fields": fields})
    assert answer.status_code == 400, answer.text
    return str(answer.json()["errors"][field_id])


SIMPLE = [
    ("textfield", "Hello", "Hello"),
    ("float", 3, 3.0),
    ("datepicker", "2026-03-01", "2026-03-01"),
    ("datetime", "2026-03-01T12:00:00.000+0200", "2026-03-01T10:00:00.000+0000"),
    ("labels", ["b", "a", "b"], ["b", "a"]),
    ("url", "https://example.com/x", "https://example.com/x"),
]


@pytest.mark.parametrize(("word", "given", "shown"), SIMPLE)
def test_a_value_comes_back_as_jira_writes_it(either: Jira, word: str, given: Any, shown: Any) -> None:
    field_id = made(either, word)
    key = either.create(**{field_id: given})
    assert either.get(f"issue/{key}").json()["fields"][field_id] == shown
    assert either.put(f"issue/{key}", {"fields": {field_id: None}}).status_code == 204
    assert either.get(f"issue/{key}").json()["fields"][field_id] is None


@pytest.mark.parametrize("word", ["select", "radiobuttons"])
def test_an_option_is_chosen_by_id_or_by_value(either: Jira, word: str) -> None:
    field_id = made(either, word, "Red", "Green")
    key = either.create(**{field_id: {"value": "Green"}})
    chosen = either.get(f"issue/{key}").json()["fields"][field_id]
    assert chosen["value"] == "Green"
    assert ("disabled" in chosen) == (either.flavour != CLOUD)
    assert either.put(f"issue/{key}", {"fields": {field_id: {"id": chosen["id"]}}}).status_code == 204


@pytest.mark.parametrize("word", ["multiselect", "multicheckboxes"])
def test_several_options_are_added_removed_and_set(either: Jira, word: str) -> None:
    field_id = made(either, word, "Red", "Green", "Blue")
    key = either.create(**{field_id: [{"value": "Red"}]})
    update = {field_id: [{"add": {"value": "Blue"}}, {"remove": {"value": "Red"}}, {"add": {"value": "Green"}}]}
    assert either.put(f"issue/{key}", {"update": update}).status_code == 204
    assert [each["value"] for each in either.get(f"issue/{key}").json()["fields"][field_id]] == ["Blue", "Green"]
    assert either.put(f"issue/{key}", {"update": {field_id: [{"set": []}]}}).status_code == 204
    assert either.get(f"issue/{key}").json()["fields"][field_id] is None


def test_a_cascade_has_two_levels(either: Jira) -> None:
    field_id = made(either, "cascadingselect", "Europe", "Asia")
    context = contexts_of(either.site.state, field_id)[0]
    europe = next(each for each in either.site.state.options.values() if each.value == "Europe")
    add_option(either.site, context, "Paris", parent_id=europe.id)
    key = either.create(**{field_id: {"value": "Europe", "child": {"value": "Paris"}}})
    shown = either.get(f"issue/{key}").json()["fields"][field_id]
    assert (shown["value"], shown["child"]["value"]) == ("Europe", "Paris")
    assert (
        refusal(either, field_id, {"value": "Asia", "child": {"value": "Paris"}}) == "Option value 'Paris' is not valid"
    )


def test_people_groups_versions_and_projects_are_shown_as_themselves(either: Jira) -> None:
    site = either.site
    sec = site.state.project("SEC")
    assert sec is not None
    add_version(site, sec, either.admin, "1.0")
    add_group(site, "testers")
    values: dict[str, tuple[Any, str]] = {
        "userpicker": (me(either), "displayName"),
        "multiuserpicker": ([me(either)], "displayName"),
        "grouppicker": ({"name": "testers"}, "name"),
        "multigrouppicker": ([{"name": "testers"}], "name"),
        "version": ({"name": "1.0"}, "name"),
        "multiversion": ([{"name": "1.0"}], "name"),
        "project": ({"key": "TEST"}, "key"),
    }
    for word, (given, name) in values.items():
        field_id = made(either, word)
        shown = either.get(f"issue/{either.create(**{field_id: given})}").json()["fields"][field_id]
        one = shown[0] if isinstance(shown, list) else shown
        assert one[name] in ("Ada Admin", "testers", "1.0", "TEST")


def test_a_long_text_is_a_document_in_version_3_and_wiki_text_in_version_2(jira: Jira) -> None:
    field_id = made(jira, "textarea")
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": "Hello"}]}
    document = {"type": "doc", "version": 1, "content": [paragraph]}
    key = jira.create(**{field_id: document})
    assert jira.get(f"issue/{key}").json()["fields"][field_id] == document
    whole = jira.get(f"issue/{key}?expand=renderedFields", version="2").json()
    assert (whole["fields"][field_id], whole["renderedFields"][field_id]) == ("Hello", "<p>Hello</p>")
    assert refusal(jira, field_id, "Hello").startswith("Operation value must be an Atlassian Document")


WRONG_VALUES = [
    ("float", "3", "Operation value must be a number"),
    ("float", True, "Operation value must be a number"),
    ("textfield", 3, "Operation value must be a string"),
    ("textfield", "x" * 256, "The entered text is too long. It exceeds the allowed limit of 255 characters."),
    ("datepicker", "1st of May", "Operation value must be a string in the format 'yyyy-MM-dd'"),
    ("datepicker", "2026-02-30", "Operation value must be a string in the format 'yyyy-MM-dd'"),
    ("datetime", "yesterday", "Error parsing time: yesterday"),
    ("select", {"value": "Pink"}, "Option value 'Pink' is not valid"),
    ("select", {"id": "99"}, "Option id '99' is not valid"),
    ("select", "Red", "Specify a valid 'id' or 'value' for Extra"),
    ("multiselect", {"value": "Red"}, "data was not an array"),
    ("labels", ["two words"], "The label 'two words' contains spaces which is invalid."),
    ("userpicker", {"accountId": "nobody", "name": "nobody"}, "Specify a valid value for Extra"),
    ("version", {"id": "99"}, "Version id '99' is not valid"),
    ("readonlyfield", "x", "This field is read-only."),
]


@pytest.mark.parametrize(("word", "value", "sentence"), WRONG_VALUES)
def test_a_value_that_the_type_does_not_take_is_named(either: Jira, word: str, value: Any, sentence: str) -> None:
    options = ("Red",) if "select" in word else ()
    assert refusal(either, made(either, word, *options), value) == sentence


def test_a_field_that_is_on_no_screen_cannot_be_set_but_by_an_admin_who_overrides(jira: Jira) -> None:
    field_id = made(jira, "textfield", on_screen=False)
    assert refusal(jira, field_id, "x") == OFF_SCREEN.format(field_id)
    key = jira.create()
    edit = {"fields": {field_id: "x"}}
    assert jira.put(f"issue/{key}", edit).json()["errors"] == {field_id: OFF_SCREEN.format(field_id)}
    assert jira.put(f"issue/{key}?overrideScreenSecurity=true", edit).status_code == 204


def test_a_resolution_is_not_set_by_an_edit(either: Jira) -> None:
    edit = {"fields": {"resolution": {"name": "Done"}}}
    assert either.put(f"issue/{either.create()}", edit).json()["errors"]["resolution"] == OFF_SCREEN.format(
        "resolution"
    )


def test_a_field_is_only_where_its_context_is(jira: Jira) -> None:
    field_id = made(jira, "textfield")
    site = jira.site
    (everywhere,) = contexts_of(site.state, field_id)
    del site.state.contexts[everywhere.id]
    add_context(site, site.state.fields[field_id], "Bugs of TEST", project_ids=["10000"], type_ids=["10003"])
    assert refusal(jira, field_id, "x") == OFF_SCREEN.format(field_id)
    key = jira.create("TEST", kind="Bug", **{field_id: "x"})
    assert jira.get(f"issue/{key}").json()["fields"][field_id] == "x"
    assert field_id not in jira.get(f"issue/{jira.create()}").json()["fields"]
    meta = jira.get("issue/createmeta/TEST/issuetypes/10003").json()["fields"]
    assert field_id in {each["fieldId"] for each in meta}
    other = jira.get("issue/createmeta/TEST/issuetypes/10002").json()["fields"]
    assert field_id not in {each["fieldId"] for each in other}


def test_the_changelog_has_ids_and_the_names_of_that_moment(either: Jira) -> None:
    field_id = made(either, "select", "Red", "Green")
    key = either.create(**{field_id: {"value": "Red"}})
    either.put(f"issue/{key}", {"fields": {field_id: {"value": "Green"}}})
    history = either.get(f"issue/{key}?expand=changelog").json()["changelog"]["histories"]
    (item,) = history[0]["items"]
    assert (item["field"], item["fieldtype"]) == ("Extra", "custom")
    assert (item["fromString"], item["toString"]) == ("Red", "Green")
    assert item["to"] == next(each.id for each in either.site.state.options.values() if each.value == "Green")


def test_a_renamed_option_shows_in_issues_at_once_and_not_in_old_changes(jira: Jira) -> None:
    field_id = made(jira, "select", "Red")
    key = jira.create()
    jira.put(f"issue/{key}", {"fields": {field_id: {"value": "Red"}}})
    assert jira.get(f"issue/{key}").json()["fields"][field_id]["value"] == "Red"
    (option,) = jira.site.state.options.values()
    address = f"field/{field_id}/context/{option.context_id}/option"
    assert jira.put(address, {"options": [{"id": option.id, "value": "Crimson"}]}).status_code == 200
    assert jira.get(f"issue/{key}").json()["fields"][field_id]["value"] == "Crimson"
    whole = jira.get(f"issue/{key}?expand=changelog").json()
    assert whole["changelog"]["histories"][0]["items"][0]["toString"] == "Red"


def test_the_metadata_say_what_can_be_chosen(either: Jira) -> None:
    field_id = made(either, "multiselect", "Red", "Green")
    meta = either.get(f"issue/{either.create()}/editmeta").json()["fields"][field_id]
    assert meta["operations"] == ["add", "set", "remove"]
    assert [each["value"] for each in meta["allowedValues"]] == ["Red", "Green"]
    assert meta["schema"] == {
        "type": "array",
        "items": "option",
        "custom": PREFIX + "multiselect",
        "customId": int(field_id.removeprefix("customfield_")),
    }


def test_a_disabled_option_can_be_kept_but_not_chosen(jira: Jira) -> None:
    field_id = made(jira, "select", "Red")
    key = jira.create(**{field_id: {"value": "Red"}})
    (option,) = jira.site.state.options.values()
    address = f"field/{field_id}/context/{option.context_id}/option"
    assert jira.put(address, {"options": [{"id": option.id, "disabled": True}]}).status_code == 200
    assert jira.get(f"issue/{key}").json()["fields"][field_id]["value"] == "Red"
    assert refusal(jira, field_id, {"value": "Red"}) == "Option value 'Red' is not valid"


def test_a_default_value_is_of_the_form_that_its_type_has(jira: Jira) -> None:
    for word, kind, name, good, bad in (
        ("float", "float", "number", 2, ["2"]),
        ("datepicker", "datepicker", "date", "2026-03-01", "tomorrow"),
        ("project", "project", "projectId", "10000", ["10000"]),
        ("labels", "labels", "labels", ["a"], "a"),
    ):
        field_id = made(jira, word)
        context = contexts_of(jira.site.state, field_id)[0].id
        for value, status in ((bad, 400), (good, 204)):
            given = {"defaultValues": [{"type": kind, "contextId": context, name: value}]}
            assert jira.put(f"field/{field_id}/context/defaultValue", given).status_code == status, (word, value)
        assert jira.get(f"issue/{jira.create()}").json()["fields"][field_id]


def test_two_contexts_cannot_hold_one_project(jira: Jira) -> None:
    field_id = made(jira, "textfield")
    given = {"name": "Own", "projectIds": ["10001"]}
    assert jira.post(f"field/{field_id}/context", given).status_code == 201
    assert jira.post(f"field/{field_id}/context", given).status_code == 400
    assert jira.post(f"field/{field_id}/context", {"name": "All"}).status_code == 400


def test_fields_are_made_and_changed_by_admins_alone(either: Jira) -> None:
    viewer = VIEWER if either.flavour == CLOUD else DC_VIEWER
    given = {"name": "Mine", "type": PREFIX + "float"}
    assert either.post("field", given, auth=viewer).status_code == 400
    assert either.post("screens/addToDefault/summary", {}, auth=viewer).status_code == 403
    field_id = made(either, "float")
    if either.flavour == CLOUD:
        assert either.put(f"field/{field_id}", {"name": "x"}, auth=viewer).status_code == 403
        assert either.put(f"field/{field_id}", {"name": "x"}, auth=None).status_code == 401
    assert either.post("field", {"name": "", "type": PREFIX + "float"}).status_code == 400
    assert either.post("field", {"name": "x", "type": "made-up"}).status_code == 400


def test_a_field_of_the_system_cannot_be_deleted(jira: Jira) -> None:
    assert jira.delete("field/summary").status_code == 404


def test_a_deleted_field_leaves_nothing_behind(jira: Jira) -> None:
    field_id = made(jira, "textfield")
    key = jira.create(**{field_id: "x"})
    assert jira.delete(f"field/{field_id}", allow_redirects=False).status_code == 303
    assert field_id not in jira.get(f"issue/{key}").json()["fields"]
    assert refusal(jira, field_id, "x") == OFF_SCREEN.format(field_id)


def test_the_old_createmeta_is_gone_from_data_center_9_and_alive_on_cloud(jira: Jira, data_center: Jira) -> None:
    assert data_center.get("issue/createmeta").status_code == 404
    old = jira.get("issue/createmeta?projectKeys=SEC&expand=projects.issuetypes.fields")
    assert old.status_code == 200
    assert old.headers["Warning"].startswith("The issue create meta endpoint has been deprecated.")


def test_createmeta_of_a_missing_project_is_400_on_data_center_and_404_on_cloud(jira: Jira, data_center: Jira) -> None:
    assert data_center.get("issue/createmeta/NOPE/issuetypes").status_code == 400
    assert jira.get("issue/createmeta/NOPE/issuetypes").status_code == 404


def test_data_center_tells_of_people_in_custom_fields_by_their_keys(data_center: Jira) -> None:
    one, several = made(data_center, "userpicker"), made(data_center, "multiuserpicker")
    viewer = {"name": DC_VIEWER[0]}
    key = data_center.create()
    data_center.put(f"issue/{key}", {"fields": {one: viewer, several: [me(data_center), viewer]}})
    items = data_center.get(f"issue/{key}?expand=changelog").json()["changelog"]["histories"][0]["items"]
    assert {item["to"] for item in items} == {"JIRAUSER10001", "[JIRAUSER10000, JIRAUSER10001]"}
    assert {item["from"] for item in items} == {None}


def test_the_category_of_a_status_is_a_field_of_cloud_alone(either: Jira) -> None:
    of_cloud = {"statusCategory", "statuscategorychangedate"}
    shown = either.get(f"issue/{either.create()}?expand=names,schema").json()
    for named in (
        {each["id"] for each in either.get("field").json()},
        shown["fields"].keys(),
        shown["names"].keys(),
    ):
        assert of_cloud & named == (of_cloud if either.flavour == "cloud" else set())
