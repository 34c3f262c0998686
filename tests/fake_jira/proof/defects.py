"""What is wrong in Atlassian's documents, each with its reason: where recordings of live sites show otherwise, the
fake follows the live sites. This is the one place where a document is corrected."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Operation = tuple[str, str, str]  # flavour, method, path
WHOLE = {"type": "integer"}
LIST = {"type": "array", "items": {"type": "object"}}
EMPTIED = {name: {"type": ["string", "null"]} for name in ("from", "fromString", "to", "toString")}
WHOLE_OR_TEXT = {"type": ["integer", "string"]}

# Layers around every operation answer these, and the documents do not repeat them for each [jira 2.1-2.10].
BY_OTHER_LAYERS = {400, 401, 403, 404, 405, 410, 415, 429, 501, 503}

MORE_STATUSES: dict[Operation, tuple[int, ...]] = {
    ("data-center", "POST", "/rest/api/2/issue/{issueIdOrKey}/remotelink"): (
        201,
    ),  # recorded for a new one [jira 5.10]
    ("data-center", "POST", "/rest/api/2/issue/{issueIdOrKey}/votes"): (204,),  # the 200 there promises no body either
    ("cloud", "POST", "/rest/api/3/issue/{issueIdOrKey}/remotelink"): (413,),  # told of the reading operation instead
    ("cloud", "POST", "/rest/api/3/search/jql"): (500,),  # a `null` for reconcileIssues makes it stumble [jira 2.5]
}

# Parameters that an operation's description speaks of and its list of parameters has not.
MORE_PARAMETERS: dict[Operation, tuple[str, ...]] = {
    ("data-center", "GET", "/rest/api/2/group/member"): ("groupname",),  # listed as part of the path
    ("data-center", "GET", "/rest/api/2/issue/{issueIdOrKey}/transitions"): ("expand",),
    ("data-center", "DELETE", "/rest/api/2/issuetype/{id}"): ("alternativeIssueTypeId",),  # listed as part of the path
    ("data-center", "GET", "/rest/api/2/issuetypescheme"): ("expand",),
    ("data-center", "GET", "/rest/api/2/priorityschemes"): ("expand",),
    ("data-center", "GET", "/rest/api/2/project/{projectKeyOrId}/priorityscheme"): ("expand",),
}


@dataclass(frozen=True)
class Defect:
    """One correction of a document, in place."""

    flavour: str
    reason: str
    correct: Callable[[dict[str, Any]], None]


def mend(flavour: str, document: dict[str, Any]) -> None:
    for each in DEFECTS:
        if each.flavour == flavour:
            each.correct(document)


def _properties(schema: str, **more: Any) -> Callable[[dict[str, Any]], None]:
    def correct(document: dict[str, Any]) -> None:
        document["components"]["schemas"][schema]["properties"] |= more

    return correct


def _in_request(method: str, path: str, **properties: Any) -> Callable[[dict[str, Any]], None]:
    """Other properties in the JSON body of one operation than in its schema, which others use too."""

    def correct(document: dict[str, Any]) -> None:
        content = document["paths"][path][method]["requestBody"]["content"]["application/json"]
        known = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        content["schema"] = known | {"properties": known["properties"] | properties}

    return correct


def _answered(
    paths: Mapping[str, Sequence[str]], around: Callable[[dict[str, Any]], dict[str, Any]]
) -> Callable[[dict[str, Any]], None]:
    """The documented schema is only a part of what comes: `around` makes the whole of it."""

    def correct(document: dict[str, Any]) -> None:
        for method, addressed in paths.items():
            for path in addressed:
                responses = document["paths"][f"/rest/api/2/{path}"][method]["responses"]
                for status in ("200", "201"):
                    for content in responses.get(status, {}).get("content", {}).values():
                        content["schema"] = around(content["schema"])

    return correct


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _page(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["values", "maxResults", "startAt", "isLast"],
        "properties": {"values": _list(item), "maxResults": WHOLE, "startAt": WHOLE, "total": WHOLE},
    }


# Data Center documents these by one element of the list that they answer with.
ONE_OR_ALL = ("application-properties", "issue/{issueIdOrKey}/remotelink")
LISTS = {
    "get": (
        "application-properties/advanced-settings",
        "applicationrole",
        "field",
        "filter/favourite",
        "filter/{id}/columns",
        "filter/{id}/permission",
        "issue/{issueIdOrKey}/pinned-comments",
        "issue/{issueIdOrKey}/subtask",
        "issuetype",
        "issuetype/{id}/alternatives",
        "priority",
        "project",
        "project/type",
        "project/{projectIdOrKey}/components",
        "project/{projectIdOrKey}/statuses",
        "project/{projectIdOrKey}/versions",
        "projectCategory",
        "resolution",
        "role",
        "screens/{screenId}/availableFields",
        "screens/{screenId}/tabs",
        "screens/{screenId}/tabs/{tabId}/fields",
        "settings/columns",
        "status",
        "statuscategory",
        "user/assignable/multiProjectSearch",
        "user/assignable/search",
        "user/columns",
        "user/permission/search",
        "user/search",
        "user/viewissue/search",
    ),
    "post": ("filter/{id}/permission", "issue/{issueIdOrKey}/attachments", "worklog/list"),
}
# ... and these by one element of the page.
PAGES = {
    "get": (
        "customFields",
        "group/member",
        "issue/createmeta/{projectIdOrKey}/issuetypes",
        "issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}",
        "issuetype/page",
        "priority/page",
        "resolution/page",
        "status/page",
        "version",
    )
}


def _free_fields(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        for name in ("fields", "renderedFields", "versionedRepresentations"):
            described = schema.get("properties", {}).get(name, {})
            if described.get("additionalProperties", {}).get("type") == "object":
                described["additionalProperties"] = {}


def _default_values(document: dict[str, Any]) -> None:
    union = document["components"]["schemas"]["CustomFieldContextDefaultValue"]
    union["anyOf"] = union.pop("oneOf")


def _open_unions(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        if "anyOf" in schema or "oneOf" in schema:
            schema.pop("additionalProperties", None)


def _epochs_of_bulk_changelogs(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    properties = schemas["Changelog"]["properties"] | {"created": {"type": "integer"}}
    schemas["IssueChangeLog"]["properties"]["changeHistories"]["items"] = schemas["Changelog"] | {
        "properties": properties
    }


def _any_property(document: dict[str, Any]) -> None:
    for path, operations in document["paths"].items():
        content = operations.get("put", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        if path.endswith("/properties/{propertyKey}") and content:
            content["schema"] = {}


DEFECTS: tuple[Defect, ...] = (
    Defect(
        "cloud",
        "filter/search: `expand=isWritable` is described, and the property that it brings is not",
        _properties("FilterDetails", isWritable={"type": "boolean"}),
    ),
    Defect(
        "data-center",
        "what completes JQL comes as objects, not as strings: its own example and Cloud's document show it",
        _properties("AutoCompleteResponseBean", visibleFieldNames=LIST, visibleFunctionNames=LIST),
    ),
    Defect(
        "cloud",
        "recorded serverInfo answers have five more properties [jira 5.1]",
        _properties(
            "ServerInformation",
            defaultLocale={},
            displayUrlCSMHelpSeeker={},
            displayUrlConfluence={},
            displayUrlServicedeskHelpCenter={},
            serverTimeZone={},
        ),
    ),
    Defect(
        "cloud",
        "bulkfetch answers with `expand`, as every list of issues does [jira 5.6]",
        _properties("BulkIssueResults", expand={"type": "string"}),
    ),
    Defect(
        "cloud",
        "the kinds of default values are told apart by their `type` alone, so that several schemas fit one of them",
        _default_values,
    ),
    Defect(
        "cloud",
        "a change has null where a field was or became empty [jira 5.9]",
        _properties("ChangeDetails", **EMPTIED),
    ),
    Defect("data-center", "its changes have null there too [jira 5.9]", _properties("ChangeItemBean", **EMPTIED)),
    Defect(
        "cloud",
        "nobody is assigned by a null, as the operation's own description says",
        _in_request("put", "/rest/api/3/issue/{issueIdOrKey}/assignee", accountId={"type": ["string", "null"]}),
    ),
    Defect(
        "data-center",
        "nobody is assigned by a null name: the schema is of users in general",
        _in_request("put", "/rest/api/2/issue/{issueIdOrKey}/assignee", name={"type": ["string", "null"]}),
    ),
    Defect("cloud", "what is one of several schemas has their properties and none of its own", _open_unions),
    Defect(
        "cloud",
        "the bulk form of changelogs has epochs, as its own example shows [jira 5.9]",
        _epochs_of_bulk_changelogs,
    ),
    Defect(
        "cloud",
        "the instants of a bulk operation are epochs, as its own example shows",
        _properties("BulkOperationProgress", created=WHOLE, started=WHOLE, updated=WHOLE),
    ),
    Defect(
        "cloud",
        "a bulk move requires a mapping under a name that the same schema forbids",
        lambda document: document["components"]["schemas"]["IssueBulkMovePayload"].update(
            required=["targetToSourcesMapping"]
        ),
    ),
    Defect(
        "cloud",
        "the issues of a bulk move are required under a name that the same schema forbids",
        lambda document: document["components"]["schemas"]["targetToSourcesMapping"].update(
            required=[
                "inferClassificationDefaults",
                "inferFieldDefaults",
                "inferStatusDefaults",
                "inferSubtaskTypeDefault",
                "issueIdsOrKeys",
            ]
        ),
    ),
    Defect(
        "cloud",
        "the three webhook operations show a timestamp in their examples and a number in their schemas",
        _properties("Webhook", expirationDate=WHOLE_OR_TEXT),
    ),
    Defect(
        "cloud",
        "so does the answer to their refresh",
        _properties("WebhooksExpirationDate", expirationDate=WHOLE_OR_TEXT),
    ),
    Defect(
        "cloud",
        "a filter that nobody has used has null there, as four examples show",
        _properties("Filter", approximateLastUsed={"type": "string", "nullable": True}),
    ),
    Defect(
        "cloud",
        "recorded fields have their name in English too [jira 5.2]",
        _properties("FieldDetails", untranslatedName={"type": "string"}),
    ),
    Defect(
        "cloud",
        "the example of resolution/search says isDefault where the schema says default",
        _properties("ResolutionJsonBean", isDefault={"type": "boolean"}),
    ),
    Defect("data-center", "lists are described by one of their elements [jira 1]", _answered(LISTS, _list)),
    Defect("data-center", "pages are described by one of their elements [jira 1]", _answered(PAGES, _page)),
    Defect(
        "data-center", "a property's value is any JSON, here as on Cloud", _properties("EntityPropertyBean", value={})
    ),
    Defect("data-center", "it is sent alone, as the bodies' descriptions say, and not in a bean", _any_property),
    Defect(
        "data-center",
        "the entries of an archive are a list, as its raw form and Cloud have them",
        _properties("HumanReadableArchive", entries=LIST),
    ),
    Defect("data-center", "an issue's fields are of any type, not objects alone [jira 1]", _free_fields),
    Defect(
        "data-center",
        "what is asked for by its key (an application property) or global id (a link) comes alone, else as a list",
        _answered({"get": ONE_OR_ALL}, lambda item: {"anyOf": [item, _list(item)]}),
    ),
    Defect(
        "cloud",
        "expand=projectKeys, which is documented, adds the keys to a project",
        _properties("Project", projectKeys={"type": "array", "items": {"type": "string"}}),
    ),
    Defect(
        "cloud",
        "new members of a level are required under a name that the same schema forbids; the example says members",
        lambda document: document["components"]["schemas"]["SecuritySchemeMembersRequest"].update(required=["members"]),
    ),
    Defect(
        "data-center",
        "the events of a notification scheme are a list, as on Cloud",
        _properties("NotificationSchemeBean", notificationSchemeEvents={"type": "array", "items": {"type": "object"}}),
    ),
)
