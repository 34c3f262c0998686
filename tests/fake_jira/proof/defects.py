"""What is wrong in Atlassian's documents, each with its reason: where recordings of live sites show otherwise, the
fake follows the live sites. This is the one place where a document is corrected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Operation = tuple[str, str, str]  # flavour, method, path

# Layers around every operation answer these, and the documents do not repeat them for each [jira 2.1-2.10].
BY_OTHER_LAYERS = {400, 401, 403, 404, 405, 410, 415, 429, 501, 503}

MORE_STATUSES: dict[Operation, tuple[int, ...]] = {
    ("cloud", "POST", "/rest/api/3/search/jql"): (500,),  # a `null` for reconcileIssues makes it stumble [jira 2.5]
}

MORE_PARAMETERS: dict[Operation, tuple[str, ...]] = {}


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


DEFECTS: tuple[Defect, ...] = (
    Defect(
        "cloud",
        "recorded serverInfo answers have four more properties [jira 5.1]",
        _properties(
            "ServerInformation",
            defaultLocale={},
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
        "a change has null where a field was or became empty [jira 5.9]",
        _properties(
            "ChangeDetails",
            **{name: {"type": "string", "nullable": True} for name in ("from", "fromString", "to", "toString")},
        ),
    ),
)
