"""Records about fields: the types that custom fields can have, their contexts and options, and the screens.

A custom field's value is kept in `Issue.custom` as JSON (`field_types` says how each type keeps it).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """Where a custom field applies. No `project_ids` = in every project, no `type_ids` = to every issue type.

    `default` is what a new issue gets, in the form that issues keep, as JSON.
    """

    id: str
    field_id: str
    name: str
    description: str = ""
    project_ids: tuple[str, ...] = ()
    type_ids: tuple[str, ...] = ()
    default: bytes | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that can be chosen in a context; with a `parent_id` it is the second level of a cascade."""

    id: str
    context_id: str
    value: str
    disabled: bool = False
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of a screen."""

    id: str
    name: str
    field_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """Which fields are asked for: the default one when issues are made and edited, others on transitions."""

    id: str
    name: str
    description: str = ""
    tabs: tuple[Tab, ...] = ()

    @property
    def field_ids(self) -> tuple[str, ...]:
        """The fields of all tabs."""
        return tuple(field_id for tab in self.tabs for field_id in tab.field_ids)
