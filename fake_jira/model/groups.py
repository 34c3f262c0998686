"""Groups: made, removed, joined and left. Who administers the site is told by a group, so a user's role follows."""

import uuid
from dataclasses import replace

from fake_jira.errors import Invalid
from fake_jira.model.access import Group
from fake_jira.model.permissions import work_out
from fake_jira.model.records import Comment, User, Visibility, Worklog
from fake_jira.model.state import Site, State

ADMINISTRATORS, DEVELOPERS, USERS = "jira-administrators", "jira-developers", "jira-software-users"
OF_ROLE = {"admin": (USERS, DEVELOPERS, ADMINISTRATORS), "member": (USERS, DEVELOPERS), "viewer": (USERS,)}
_NAMESPACE = uuid.UUID("0d3e7c36-95d4-4f5b-8a53-2f6a4f0a6f27")


def add_group(site: Site, name: str) -> Group:
    """A new group without members. Invalid if it has no name or one that is taken."""
    if not name.strip():
        raise Invalid("A group needs a name.")
    if group_named(site.state, name) is not None:
        raise Invalid(f"A group named '{name}' already exists.")
    group = Group(str(uuid.uuid5(_NAMESPACE, f"{site.state.next_id('group')} {name}")), name)
    site.state.groups[group.id] = group
    return group


def group_named(state: State, name: str) -> Group | None:
    """The group with this name, in whatever case."""
    wanted = name.lower()
    return next((group for group in state.groups.values() if group.name.lower() == wanted), None)


def groups_of(state: State, user: User) -> list[Group]:
    """The groups that the user is in, by name."""
    found = (group for group in state.groups.values() if user.account_id in group.members)
    return sorted(found, key=lambda group: group.name)


def join(site: Site, group: Group, user: User) -> Group:
    """Put the user into the group. Invalid if they are in it already."""
    if user.account_id in group.members:
        raise Invalid(f"Cannot add user. User '{user.name}' is already a member of '{group.name}'")
    return _with(site, group, (*group.members, user.account_id), user)


def leave(site: Site, group: Group, user: User) -> Group:
    """Take the user out of the group. Invalid if they are not in it."""
    if user.account_id not in group.members:
        raise Invalid(f"Cannot remove user '{user.name}' from group '{group.name}' since user is not a member of it.")
    return _with(site, group, tuple(each for each in group.members if each != user.account_id), user)


def _with(site: Site, group: Group, members: tuple[str, ...], user: User) -> Group:
    changed = site.state.groups[group.id] = replace(group, members=members)
    settle_role(site, user)
    return changed


def settle_role(site: Site, user: User) -> User:
    """Let the user's role and permissions follow from the groups that they are in now."""
    names = {group.name for group in groups_of(site.state, user)}
    role = next((role for role, wanted in OF_ROLE.items() if wanted[-1] in names), "viewer")
    changed = site.state.users[user.account_id] = replace(site.state.users[user.account_id], role=role)
    work_out(site.state, users=[user.account_id])
    site.state.renamed()
    return changed


def remove_group(site: Site, group: Group, heir: Group | None = None) -> None:
    """Remove the group; comments and worklogs that only it could see are the heir's to see, or nobody's."""
    del site.state.groups[group.id]
    for account_id in group.members:
        settle_role(site, site.state.users[account_id])
    if heir is not None:
        _hand_on(site, group.id, Visibility("group", heir.id, heir.name))


def _hand_on(site: Site, group_id: str, visibility: Visibility) -> None:
    def meant(said: Comment | Worklog) -> bool:
        return said.visibility is not None and (said.visibility.kind, said.visibility.id) == ("group", group_id)

    for issue in list(site.state.issues.values()):
        if any(map(meant, issue.comments)) or any(map(meant, issue.worklogs)):
            comments = [replace(each, visibility=visibility) if meant(each) else each for each in issue.comments]
            worklogs = [replace(each, visibility=visibility) if meant(each) else each for each in issue.worklogs]
            site.put(replace(issue, comments=tuple(comments), worklogs=tuple(worklogs)))
