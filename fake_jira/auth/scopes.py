"""Which scopes an operation of Jira Cloud needs, and what a scope means in words [jira 2.4, 3].

Each operation has classic scopes and granular ones; a token needs all of the one kind or all of the other.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache

from fake_jira.documented import Documented, by_route, documented, shape
from fake_jira.errors import Invalid
from fake_jira.model.apps import OFFLINE
from fake_jira.model.state import CLOUD

WORDS = {
    OFFLINE: "Keep doing all this while you are away",
    "read:me": "See your Atlassian account's profile",
    "read:account": "See your Atlassian account's settings",
    "read:jira-work": "See projects and issues, with their comments, attachments and worklogs",
    "write:jira-work": "Create, change and delete issues, comments, worklogs and attachments in your name",
    "read:jira-user": "See the profiles of Jira's users",
    "manage:jira-project": "Manage projects: components, versions and settings",
    "manage:jira-configuration": "Manage Jira's global settings",
    "manage:jira-webhook": "Register, see and remove webhooks of this app",
    "manage:jira-data-provider": "Manage development and deployment data",
}
VERBS = {
    "read": "See",
    "write": "Create and change",
    "delete": "Delete",
    "manage": "Manage",
    "validate": "Check",
    "send": "Send",
    "search": "Search",
    "report": "Report",
}
NOUNS = {
    "jql": "JQL queries",
    "issue-meta": "what issues can hold",
    "issue-details": "the details of issues",
    "app-data": "the app's own data",
    "user.columns": "people's columns",
}


def covers(held: frozenset[str], needed: Documented) -> bool:
    """Whether these scopes are enough for the operation. One without scopes is closed to apps, unless to nobody."""
    if not needed.classic and not needed.granular:
        return needed.anonymous
    return any(kind and held.issuperset(kind) for kind in (needed.classic, needed.granular))


@cache
def operation_of(method: str, rule: str) -> Documented | None:
    """What Atlassian documents for a method and the path of a route; None = nothing."""
    return by_route(CLOUD).get(("GET" if method == "HEAD" else method, shape(rule)))


@cache
def jira_scopes() -> tuple[str, ...]:
    """Every scope of Jira, the classic ones first."""
    named = {scope for each in documented(CLOUD) for scope in (*each.classic, *each.granular)} | {
        scope for scope in WORDS if ":jira" in scope
    }
    return tuple(sorted(named, key=lambda scope: (scope.count(":"), scope)))


def checked(scopes: Sequence[str]) -> list[str]:
    """These scopes, for an app or a token; Invalid names one of Jira's that is none."""
    for scope in scopes:
        if _is_jiras(scope) and scope not in jira_scopes():
            near = get_close_matches(scope, jira_scopes(), 3)
            raise Invalid(f"Jira has no scope {scope!r}{'; near it: ' + ', '.join(near) if near else ''}.")
    return list(dict.fromkeys(scopes))


def in_words(scope: str) -> str:
    """What a person reads on the consent page."""
    if scope in WORDS:
        return WORDS[scope]
    verb, _, rest = scope.partition(":")
    noun, _, product = rest.partition(":")
    named = NOUNS.get(noun) or _several(noun.replace("-", " ").replace(".", " ").replace("_", " "))
    where = f" ({product})" if product and product != "jira" else ""
    return f"{VERBS.get(verb, verb.capitalize())} {named}{where}".strip()


def by_product(scopes: Sequence[str]) -> dict[str, list[str]]:
    """The scopes of each product that has any, Jira first; those of no product are left out [jira 4.3]."""
    found: dict[str, list[str]] = {"jira": [], "confluence": []}
    for scope in scopes:
        for product, of_it in found.items():
            if product in scope or (product == "jira" and "servicedesk" in scope):
                of_it.append(scope)
    return {product: of_it for product, of_it in found.items() if of_it}


def _several(noun: str) -> str:
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("us", "x")) else noun if noun.endswith(("s", "ing")) else f"{noun}s"


def _is_jiras(scope: str) -> bool:
    return scope.endswith(":jira") or ":jira-" in scope
