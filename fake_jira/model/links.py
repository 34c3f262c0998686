"""Links between issues and the types of links. A link is kept with both of its issues [jira 5.10]."""

from dataclasses import replace

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.records import ChangeItem, Issue, Link, LinkType, User
from fake_jira.model.satellites import change, without
from fake_jira.model.state import Site, State

TYPES = (
    ("Blocks", "is blocked by", "blocks"),
    ("Cloners", "is cloned by", "clones"),
    ("Duplicate", "is duplicated by", "duplicates"),
    ("Relates", "relates to", "relates to"),
)


def add_link_type(site: Site, name: str, inward: str, outward: str) -> LinkType:
    """A new type; Invalid if there is one of that name."""
    _check_name(site.state, name, None)
    made = LinkType(site.state.next_id("link_type"), name, inward, outward)
    site.state.link_types[made.id] = made
    return made


def change_link_type(site: Site, kind: LinkType, name: str, inward: str, outward: str) -> LinkType:
    """Other words for a type. Invalid if another one has that name."""
    _check_name(site.state, name, kind)
    changed = replace(kind, name=name, inward=inward, outward=outward)
    site.state.link_types[kind.id] = changed
    site.state.renamed()
    return changed


def delete_link_type(site: Site, kind: LinkType) -> None:
    """The type, and all links of it."""
    state = site.state
    for issue in [*state.issues.values(), *state.trash.values()]:
        kept = tuple(each for each in issue.links if each.type_id != kind.id)
        if len(kept) < len(issue.links):
            changed = replace(issue, links=kept)
            if issue.id in state.issues:
                site.put(changed)
            else:
                state.trash[issue.id] = changed
    del site.state.link_types[kind.id]
    site.state.renamed()


def _check_name(state: State, name: str, own: LinkType | None) -> None:
    for each in state.link_types.values():
        if each.name.lower() == name.lower() and each != own:
            raise Invalid(f"Another link type with the name '{name}' already exists.")


def link_type_named(state: State, named: str) -> LinkType:
    """By id or name, in whatever case; NotThere if there is none."""
    wanted = named.lower()
    for each in state.link_types.values():
        if wanted in (each.id, each.name.lower()):
            return each
    raise NotThere(f"No issue link type with name '{named}' found.")


def find_link(state: State, link_id: str) -> Link | None:
    """The link, if both of its issues are there."""
    for issue in state.issues.values():
        for each in issue.links:
            if each.id == link_id and each.source in state.issues and each.target in state.issues:
                return each
    return None


def link(site: Site, actor: User | None, kind: LinkType, source: Issue, target: Issue) -> Link | None:
    """Link two issues; None if they are linked that way already. Invalid for an issue with itself."""
    if source.id == target.id:
        raise Invalid("You cannot link an issue to itself.")
    if any((each.type_id, each.source, each.target) == (kind.id, source.id, target.id) for each in source.links):
        return None
    made = Link(site.state.next_id("link"), kind.id, source.id, target.id)
    for issue, words, other in ((source, kind.outward, target), (target, kind.inward, source)):
        item = ChangeItem("Link", "issuelinks", None, None, other.key, f"This issue {words} {other.key}")
        current = site.state.issues[issue.id]
        now, entry = change(site, current, actor, [item], links=(*current.links, made))
        site.tell("jira:issue_updated", actor, now, change=entry, type_name="issue_updated")
    site.tell("issuelink_created", actor, site.state.issues[source.id], link=made)
    return made


def unlink(site: Site, actor: User | None, gone: Link) -> None:
    """Without the link."""
    state = site.state
    kind, source, target = state.link_types[gone.type_id], state.issues[gone.source], state.issues[gone.target]
    for issue, words, other in ((source, kind.outward, target), (target, kind.inward, source)):
        item = ChangeItem("Link", "issuelinks", other.key, f"This issue {words} {other.key}", None, None)
        now, entry = change(site, issue, actor, [item], links=without(issue.links, {gone.id}))
        site.tell("jira:issue_updated", actor, now, change=entry, type_name="issue_updated")
    site.tell("issuelink_deleted", actor, state.issues[source.id], link=gone)
