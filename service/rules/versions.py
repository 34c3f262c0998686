"""Which version of the product is played, and what that version had already. (R16)"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from service.rules.authentication import Auth, Installation


class Version(NamedTuple):
    """X.Y.Z; versions compare as numbers, so 3.112.10 comes after 3.112.9."""

    major: int
    minor: int
    patch: int


class Feature(StrEnum):
    """What older versions did not have. Nothing older has a name: connecting a Jira by the wizard, making tickets."""

    TICKET_STATUS = "ticket status"  # retrieval, refresh, the toggle, and whatever shows a status
    INTEGRATION_REST = "integration REST"  # connections made, read, changed and tested by the API
    STATUS_CHECK = "status check"


SINCE: Mapping[Feature, Version] = {
    Feature.TICKET_STATUS: Version(3, 112, 3),  # [ticket-status] "Available from Xray version 3.112.3 and above"
    Feature.INTEGRATION_REST: Version(3, 129, 0),  # [xray.md 1]
    Feature.STATUS_CHECK: Version(3, 136, 0),  # [status-check] "Since: Xray version 3.136 and above"
}
ON_FOR_ALL_SINCE = Version(3, 112, 0)  # [ticket-status] "created after Xray version 3.112"

_FORM = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})", re.ASCII)


def parse(text: str) -> Version | None:
    """`text` of the form X.Y.Z as a version; None when it is none."""
    found = _FORM.fullmatch(text)
    return Version(*map(int, found.groups())) if found else None


def is_newer(version: str, than: str) -> bool:
    """Whether `version` comes after `than`; one that cannot be read is newer than none."""
    one, other = parse(version), parse(than)
    return one is not None and other is not None and one > other


def has(version: str, feature: Feature) -> bool:
    """Whether the product had `feature` in `version`, which is X.Y.Z."""
    known = parse(version)
    return known is not None and known >= SINCE[feature]


def is_on_by_default(created_version: str, installation_type: str, auth_type: str) -> bool:
    """[ticket-status] Whether an integration made by `created_version` retrieves tickets unless somebody decides.

    "integrations created after Xray version 3.112 ... enabled by default for all instances and authentication types";
    of the earlier ones all but "Jira Cloud ... using OAuth2", which lacks the scopes.
    """
    created = parse(created_version)
    lacks_scopes = (installation_type, auth_type) == (Installation.CLOUD, Auth.OAUTH2)
    return created is None or created >= ON_FOR_ALL_SINCE or not lacks_scopes


def brings_ticket_status(before: str, now: str) -> bool:
    """Whether going from version `before` to `now` is the upgrade that brought ticket status."""
    return parse(before) is not None and has(now, Feature.TICKET_STATUS) and not has(before, Feature.TICKET_STATUS)
