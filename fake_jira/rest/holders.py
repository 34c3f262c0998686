"""Who holds a permission or is in a security level, as bodies name it and answers show it."""

from collections.abc import Collection
from typing import Any

from fake_jira.errors import Invalid, NotImitated
from fake_jira.flavours.people import named_holder
from fake_jira.model.access import Holder
from fake_jira.model.permissions import ELSEWHERE, HOLDERS
from fake_jira.rest.scene import flavour, scene, world
from fake_jira.rest.wire import BAD_PAYLOAD


def holder_in(value: Any) -> Holder:
    """The holder that a body names by type and parameter. Invalid where nobody is meant."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise Invalid(BAD_PAYLOAD)
    kind = value["type"]
    if kind in ELSEWHERE:
        raise NotImitated(f"Holders of the type '{kind}' are not imitated, see LIMITS.md.")
    if kind not in HOLDERS:
        raise Invalid(f"The holder type '{kind}' is not one of: {', '.join(HOLDERS)}.")
    found = named_holder(world().state, value, flavour())
    if found is None:
        raise Invalid(f"There is no {kind} '{value.get('value') or value.get('parameter')}'.")
    return found


def shown_holder(holder: Holder, expand: Collection[str] = ()) -> dict[str, Any]:
    return flavour().holder(scene(), holder, expand)
