"""The tables of `fake_jira/documented`, made from Atlassian's documents: `python -m tests.fake_jira.proof.tables`."""

from pathlib import Path
from typing import Any

import fake_jira.documented
from fake_jira.documented import COLUMNS, TABLES
from tests.fake_jira.proof.document import read

FOLDER = Path(fake_jira.documented.__file__).parent
METHODS = ("get", "post", "put", "delete")
NO_CHAPTER = "Without a chapter"
TYPES = ("integer", "boolean")


def table(flavour: str) -> str:
    """What the flavour's document says, one operation a line."""
    document = read(flavour)
    prefix = "" if flavour == "cloud" else "/rest"
    lines = [
        _line(method.upper(), prefix + path, operation, operations.get("parameters", []))
        for path, operations in sorted(document["paths"].items())
        for method in METHODS
        if (operation := operations.get(method))
    ]
    return "\n".join(["\t".join(COLUMNS), *lines, ""])


def _line(method: str, path: str, operation: dict[str, Any], shared: list[dict[str, Any]]) -> str:
    schemes = operation.get("security")
    scopes: dict[str, list[str]] = {"Current": [], "Beta": []}
    for each in operation.get("x-atlassian-oauth2-scopes", ()):
        scopes[each["state"]] += each["scopes"]
    if "x-atlassian-oauth2-scopes" not in operation:  # then the scheme alone names the classic ones
        scopes["Current"] += [scope for scheme in schemes or () for scope in scheme.get("OAuth2", ())]
    chapter = (operation.get("tags") or [NO_CHAPTER])[0]
    asked = [each for each in (*shared, *operation.get("parameters", ())) if each.get("in") == "query"]
    return "\t".join(
        (
            method,
            path,
            operation["operationId"],
            chapter,
            "yes" if _is_open(path, schemes) else "no",
            " ".join(scopes["Current"]),
            " ".join(scope.removesuffix(":jira") for scope in scopes["Beta"]),
            *(" ".join(each["name"] for each in asked if each["schema"].get("type") == kind) for kind in TYPES),
        )
    )


def _is_open(path: str, schemes: list[dict[str, Any]] | None) -> bool:
    """Cloud names the empty scheme where anybody may ask; Data Center names none at all. Connect's are for apps."""
    if schemes is None:
        return not path.startswith("/rest/atlassian-connect/")
    return {} in schemes


def write() -> None:
    for flavour, name in TABLES.items():
        (FOLDER / name).write_text(table(flavour), "utf-8")


if __name__ == "__main__":
    write()
