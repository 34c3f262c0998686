"""Settings of the site: what is enabled, application properties, time tracking, default columns, licences."""

import re
from typing import Any

from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.site_settings import COLUMNS, PROPERTIES, TIME_TRACKING, Property
from fake_jira.model.state import CLOUD
from fake_jira.rest.project_access import require_admin
from fake_jira.rest.scene import scene, world
from fake_jira.rest.wire import answer, chapter, signed_in, text

site_settings = chapter("site_settings")
cloud_site_settings = chapter("cloud_site_settings", CLOUD)
PROVIDER = {"key": "JIRA", "name": "JIRA provided time tracking"}
APPLICATIONS = {"jira-core": "FREE", "jira-product-discovery": "UNLICENSED", "jira-servicedesk": "FREE",
                "jira-software": "PAID"}  # fmt: skip
LEVELS = ("USER", "PROJECT_ADMIN", "ADMIN", "SYSADMIN", "SYSADMIN_ONLY")


@site_settings.get("/configuration")
@signed_in
def get_configuration() -> Response:
    """Get global settings."""
    return answer(
        {
            "votingEnabled": True,
            "watchingEnabled": True,
            "unassignedIssuesAllowed": True,
            "subTasksEnabled": True,
            "issueLinkingEnabled": True,
            "timeTrackingEnabled": True,
            "attachmentsEnabled": True,
            "timeTrackingConfiguration": TIME_TRACKING,
        }
    )


@cloud_site_settings.get("/configuration/timetracking")
@signed_in
def get_selected_time_tracking_implementation() -> Response:
    """Get selected time tracking provider."""
    require_admin()
    return answer(PROVIDER)


@cloud_site_settings.get("/configuration/timetracking/list")
@signed_in
def get_available_time_tracking_implementations() -> Response:
    """Get all time tracking providers."""
    require_admin()
    return answer([PROVIDER])


@cloud_site_settings.get("/configuration/timetracking/options")
@signed_in
def get_shared_time_tracking_configuration() -> Response:
    """Get time tracking settings."""
    require_admin()
    return answer(TIME_TRACKING)


@site_settings.get("/application-properties")
@signed_in
def get_application_property() -> Response:
    """Get application property: all of them, those whose keys match a pattern, or one by its key."""
    require_admin()
    key, pattern, level = text("key"), text("keyFilter"), text("permissionLevel")
    if level and level.upper() not in LEVELS:
        raise Invalid(f"The permission level '{level}' is not valid; it is one of: {', '.join(LEVELS)}.")
    if key:
        if key not in PROPERTIES:
            raise NotThere(f"The application property '{key}' does not exist.")
        return answer(_shown(PROPERTIES[key]))
    try:
        wanted = re.compile(pattern or ".*")
    except re.error as error:
        raise Invalid(f"The key filter '{pattern}' is no regular expression.") from error
    return answer([_shown(each) for each in PROPERTIES.values() if wanted.fullmatch(each.key)])


@site_settings.get("/application-properties/advanced-settings")
@signed_in
def get_advanced_settings() -> Response:
    """Get advanced settings."""
    require_admin()
    return answer([_shown(each) for each in PROPERTIES.values() if each.advanced])


def _shown(each: Property) -> dict[str, Any]:
    allowed = {"allowedValues": list(each.allowed)} if each.allowed else {}
    return {
        "id": each.key,
        "key": each.key,
        "value": each.default,
        "name": each.name,
        "desc": "",
        "type": each.kind,
        "defaultValue": each.default,
        **allowed,
    }


@site_settings.get("/settings/columns")
@signed_in
def get_issue_navigator_default_columns() -> Response:
    """Get issue navigator default columns."""
    require_admin()
    fields = scene().state.fields
    names = {"issuekey": "Key"}
    return answer([{"value": each, "label": names.get(each) or fields[each].name} for each in COLUMNS])


@cloud_site_settings.get("/instance/license")
@signed_in
def get_license() -> Response:
    """Get license."""
    return answer({"applications": [{"id": name, "plan": plan} for name, plan in APPLICATIONS.items()]})


@cloud_site_settings.get("/license/approximateLicenseCount")
@signed_in
def get_approximate_license_count() -> Response:
    """Get approximate license count: the active accounts."""
    require_admin()
    return answer({"key": "totalLicenseCount", "value": str(_active())})


@cloud_site_settings.get("/license/approximateLicenseCount/product/<application_key>")
@signed_in
def get_approximate_application_license_count(application_key: str) -> Response:
    """Get approximate application license count: everybody uses Jira Software, and nothing else is used."""
    require_admin()
    if application_key not in APPLICATIONS:
        raise NotThere(f"There is no application '{application_key}'.")
    used = _active() if application_key == "jira-software" else 0
    return answer({"key": application_key, "value": str(used)})


def _active() -> int:
    return sum(each.active for each in world().state.users.values())
