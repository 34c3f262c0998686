"""Setting the properties of an issue: no edit of it, so neither `updated` nor the changelog takes note."""

from dataclasses import replace

from fake_jira.model.records import Issue, User
from fake_jira.model.state import Site


def set_properties(site: Site, issue: Issue, actor: User | None, properties: tuple[tuple[str, bytes], ...]) -> None:
    """Make these the issue's properties; who listens is told of each that was set, changed or deleted."""
    before, after = dict(issue.properties), dict(properties)
    if before == after:
        return
    now = site.put(replace(issue, properties=properties))
    for key in before.keys() | after.keys():
        if key not in after:
            site.tell("issue_property_deleted", actor, now, property=key)
        elif before.get(key) != after[key]:
            site.tell("issue_property_set", actor, now, property=key)
