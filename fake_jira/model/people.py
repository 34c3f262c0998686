"""Users: made, changed, removed; their API tokens, properties and preferences."""

import uuid
from dataclasses import replace

from fake_jira.errors import Invalid
from fake_jira.model.groups import OF_ROLE, group_named, settle_role
from fake_jira.model.permissions import work_out
from fake_jira.model.records import Token, User
from fake_jira.model.state import CLOUD, Site, State

FORMER = "Former user"
_NAMESPACE = uuid.UUID("7f0c5c5e-4a1b-4f6e-9c53-0a6f2f3f1c11")


def add_user(
    site: Site,
    email: str,
    display_name: str,
    secret: str,
    *,
    role: str = "member",
    time_zone: str = "Etc/UTC",
    name: str = "",
) -> User:
    """A new user in the groups of `role`. Invalid if the address or the name is taken.

    `secret` is the password, and on Cloud the first API token too. `name` is by default what stands before the @,
    or the whole address where somebody has that name.
    """
    for taken in (email, name):
        if taken and site.state.user(taken) is not None:
            raise Invalid(f"There is already a user {taken}.")
    if not name:
        name = email.partition("@")[0]
        name = email if site.state.user(name) else name
    user = User(
        f"712020:{uuid.uuid5(_NAMESPACE, email.lower())}",
        email,
        display_name,
        role,
        time_zone=time_zone,
        name=name.lower(),
        key=f"JIRAUSER{site.state.next_id('user')}",
    )
    if user.account_id in site.state.users:  # somebody had the address and is gone
        user = replace(user, account_id=f"712020:{uuid.uuid5(_NAMESPACE, user.key)}")
    site.state.users[user.account_id] = user
    site.state.passwords[user.account_id] = secret
    if site.state.flavour == CLOUD:
        add_token(site, user, secret)
    for group_name in OF_ROLE[role]:
        group = group_named(site.state, group_name)
        if group is not None:
            site.state.groups[group.id] = replace(group, members=(*group.members, user.account_id))
    return settle_role(site, user)


def change_user(site: Site, user: User, **values: object) -> User:
    """Set fields of the user: rename them (the key stays), deactivate them, ... Invalid if a name is taken."""
    name = values.get("name")
    if isinstance(name, str):
        other = site.state.user(name)
        if not name or (other is not None and other.account_id != user.account_id):
            raise Invalid(fields={"username": "A user with that username already exists."})
        values["name"] = name.lower()
    changed = site.state.users[user.account_id] = replace(user, **values)  # type: ignore[arg-type]
    work_out(site.state, users=[user.account_id])
    site.state.renamed()
    return changed


def remove_user(site: Site, user: User) -> None:
    """Delete the user. What they did stays, as a former user's; they hold nothing and sign in no more."""
    state = site.state
    for group in list(state.groups.values()):
        if user.account_id in group.members:
            left = tuple(each for each in group.members if each != user.account_id)
            state.groups[group.id] = replace(group, members=left)
    for project in list(state.projects.values()):
        actors = tuple(actor for actor in project.actors if actor.who != user.account_id)
        state.projects[project.id] = replace(project, actors=actors)
    for secret in [each.secret for each in state.tokens.values() if each.account_id == user.account_id]:
        del state.tokens[secret]
    state.passwords.pop(user.account_id, None)
    former = {"display_name": FORMER} if state.flavour == CLOUD else {}
    state.users[user.account_id] = replace(user, **former, active=False, deleted=True, role="viewer")
    work_out(state, users=[user.account_id])
    state.renamed()


def is_needed(state: State, user: User) -> bool:
    """Whether issues, comments or projects mention the user, so that Data Center does not delete them."""
    account = user.account_id
    return any(project.lead == account for project in state.projects.values()) or any(
        account in (issue.creator, issue.reporter, issue.assignee) or any(c.author == account for c in issue.comments)
        for issue in state.issues.values()
    )


def add_token(site: Site, user: User, secret: str) -> Token:
    """A further API token of `user`, without an end. Invalid if somebody has it."""
    if secret in site.state.tokens:
        raise Invalid("There is already a user with this token.")
    site.state.tokens[secret] = token = Token(secret, user.account_id, id=site.state.next_id("token"))
    return token


def set_tokens_revoked(site: Site, user: User, *, revoked: bool) -> None:
    """Make every API token of `user` bad, or good again."""
    for secret, token in site.state.tokens.items():
        if token.account_id == user.account_id:
            site.state.tokens[secret] = replace(token, revoked=revoked)
