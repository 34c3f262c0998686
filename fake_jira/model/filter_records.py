"""Records of saved searches: filters and whom they are shared with. Beside `records.py`, and as frozen as those."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """Whom a filter is shown to. `kind`: global, authenticated, user, group, project or projectRole.

    `user` is an account id, `group`, `project` and `role` are ids; a projectRole has a project and a role.
    """

    id: int
    kind: str
    user: str | None = None
    group: str | None = None
    project: str | None = None
    role: str | None = None
    edits: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """`shares`: who may see it; `editors`: who may change it (Cloud). `favourites`: account ids of who starred it."""

    id: str
    name: str
    owner: str  # account id
    jql: str = ""
    description: str = ""
    shares: tuple[Share, ...] = ()
    editors: tuple[Share, ...] = ()
    favourites: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
