"""The records of who may do what: groups, project roles, permission, security and notification schemes.

Records alone; their verbs are in `groups.py`, `roles.py` and `schemes.py`, and what follows from them for each user is
worked out by `permissions.py`.
"""

from dataclasses import dataclass

from fake_jira.model.records import RoleActor


@dataclass(frozen=True, slots=True)
class Group:
    """`members` are account ids. Cloud shows groups by id and name, Data Center by name alone."""

    id: str
    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectRole:
    """A role that every project has; `default_actors` are what a new project starts with."""

    id: str
    name: str
    description: str = ""
    default_actors: tuple[RoleActor, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is meant: a `kind` of `permissions.HOLDERS`, with the id of the group, role or user where it needs one."""

    kind: str
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    id: str
    permission: str
    holder: Holder


@dataclass(frozen=True, slots=True)
class PermissionScheme:
    id: str
    name: str
    description: str = ""
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelMember:
    id: str
    holder: Holder


@dataclass(frozen=True, slots=True)
class SecurityLevel:
    """Issues of a level are seen by its members alone."""

    id: str
    name: str
    description: str = ""
    members: tuple[LevelMember, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """`default_level` is what a new issue gets where nobody says otherwise."""

    id: str
    name: str
    description: str = ""
    default_level: str | None = None
    levels: tuple[SecurityLevel, ...] = ()


@dataclass(frozen=True, slots=True)
class Notification:
    """One recipient of one event; `kind` as Jira names it: CurrentAssignee, Group, ProjectRole, AllWatchers, ..."""

    id: str
    event_id: str
    kind: str
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class NotificationScheme:
    id: str
    name: str
    description: str = ""
    notifications: tuple[Notification, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """What a test gave or took by hand, whatever the schemes say."""

    given: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
