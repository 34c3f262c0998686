"""Project types, and the validation of keys and names for new projects."""

import re
from base64 import b64encode

from flask import Response

from fake_jira.errors import Invalid, NotThere
from fake_jira.model.projects import LONGEST_KEY, LONGEST_NAME, key_trouble, name_trouble
from fake_jira.model.state import CLOUD
from fake_jira.rest.scene import site
from fake_jira.rest.wire import answer, chapter, signed_in, text

project_types = chapter("project_types")
cloud_project_types = chapter("cloud_project_types", CLOUD)
ICON = b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"/>').decode()
TYPES = {"business": "Business", "software": "Software", "service_desk": "Service Desk"}
DISCOVERY = {"product_discovery": "Product Discovery"}
SHORTEST_KEY = 2


def _shown(key: str) -> dict[str, str]:
    named = TYPES | DISCOVERY
    if key not in named:
        raise NotThere(f"The project type '{key}' was not found.")
    return {
        "key": key,
        "formattedKey": named[key],
        "descriptionI18nKey": f"jira.project.type.{key}.description",
        "icon": ICON,
        "color": "#AAAAAA",
    }


@project_types.get("/project/type")
def get_all_project_types() -> Response:
    """Get all project types, licensed or not."""
    return answer([_shown(key) for key in TYPES])


@cloud_project_types.get("/project/type/accessible")
def get_all_accessible_project_types() -> Response:
    """Get licensed project types: all that there are."""
    return answer([_shown(key) for key in TYPES])


@project_types.get("/project/type/<project_type_key>")
def get_project_type_by_key(project_type_key: str) -> Response:
    """Get project type by key."""
    return answer(_shown(project_type_key))


@project_types.get("/project/type/<project_type_key>/accessible")
def get_accessible_project_type_by_key(project_type_key: str) -> Response:
    """Get accessible project type by key; product discovery is not licensed here."""
    if project_type_key not in TYPES:
        raise NotThere(f"The project type '{project_type_key}' is not accessible.")
    return answer(_shown(project_type_key))


@project_types.get("/projectvalidate/key")
@signed_in
def validate_project_key() -> Response:
    """Validate project key: 200 in any case; the errors say what is wrong with it."""
    why = key_trouble(site().state, text("key"))
    return answer({"errorMessages": [], "errors": {"projectKey": why} if why else {}})


@cloud_project_types.get("/projectvalidate/validProjectKey")
@signed_in
def get_valid_project_key() -> Response:
    """Get valid project key: the given one, or one made from it."""
    state, asked = site().state, text("key")
    if key_trouble(state, asked) is None:
        return answer(asked)
    letters = re.sub("[^A-Z0-9]", "", asked.upper()).lstrip("0123456789")[:LONGEST_KEY]
    stem = letters if len(letters) >= SHORTEST_KEY else f"{letters}KEY"
    candidates = [stem, *(f"{stem[: LONGEST_KEY - len(str(number))]}{number}" for number in range(2, 10_000))]
    return answer(next(each for each in candidates if key_trouble(state, each) is None))


@cloud_project_types.get("/projectvalidate/validProjectName")
@signed_in
def get_valid_project_name() -> Response:
    """Get valid project name: the given one, or that with a number behind it."""
    state, asked = site().state, text("name")
    if not asked.strip() or len(asked) > LONGEST_NAME:
        raise Invalid(str(name_trouble(state, asked)))
    candidates = [asked, *(f"{asked} {number}" for number in range(2, 1_000))]
    found = next((each for each in candidates if name_trouble(state, each) is None), None)
    if found is None:
        raise NotThere("A valid project name could not be generated.")
    return answer(found)
